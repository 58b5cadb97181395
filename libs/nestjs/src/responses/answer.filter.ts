import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { appendEnhancer, NEST_METADATA } from '../platform/nest-internals.js';
import { AnsweredByWaygate } from './waygate.exception.js';

/** Lets Waygate give its answer. Knows nothing of any application, so that one instance serves all in the process. */
@Catch(AnsweredByWaygate)
class AnswerFilter implements ExceptionFilter<AnsweredByWaygate> {
  catch(exception: AnsweredByWaygate, host: ArgumentsHost): void {
    exception.answer(host.getArgByIndex(2));
  }
}

const ANSWER_FILTER = new AnswerFilter();

/**
 * Puts the filter behind a handler's own ones, which makes it the first that is asked. Must happen before Nest builds its router, that
 * is in a provider's constructor.
 */
export function attachAnswerFilter(handler: object): void {
  appendEnhancer(NEST_METADATA.exceptionFilters, ANSWER_FILTER, handler);
}
