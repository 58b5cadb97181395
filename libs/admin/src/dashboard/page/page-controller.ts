import { applyDecorators, Controller, UseFilters } from '@nestjs/common';
import { PageErrorsFilter } from './page-errors.filter.js';

/** A controller of pages: failures are answered as pages too. @param path below the mount */
export function PageController(path = ''): ClassDecorator {
  return applyDecorators(Controller(path), UseFilters(PageErrorsFilter));
}
