import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Enforcement } from './enforcement.js';

/** Lets requests through or not, before the app's own guards run. Contexts other than HTTP pass untouched. */
@Injectable()
export class WaygateGuard implements CanActivate {
  constructor(private readonly enforcement: Enforcement) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return context.getType() === 'http' ? this.enforcement.admit(this.enforcement.handled(context)) : true;
  }
}
