import {
  AmbiguousRouteError,
  ApiError,
  ForbiddenError,
  NotFoundError,
  PreconditionFailedError,
  RateLimitedError,
  ServerError,
  UnauthorizedError,
  UnreachableError,
  WaygateClientError,
} from '@waygate/client';
import { errorTrace } from '@waygate/core/native-errors';
import { harmless } from '../terminal/text.js';
import { CliFailure, EXIT } from '../terminal/failure.js';

/** Writes what went wrong to standard error, as text or, with `--json`, as one object. @returns the exit code */
export function report(error: unknown, json: boolean): number {
  const { message, hints } = describe(error);
  const code = error instanceof CliFailure ? error.exitCode : EXIT.failure;
  if (json) {
    const details = {
      code: error instanceof WaygateClientError ? error.code : code === EXIT.usage ? 'USAGE' : 'FAILED',
      message,
      ...(error instanceof ApiError ? { status: error.status } : {}),
      ...(error instanceof AmbiguousRouteError ? { matches: error.matches } : {}),
    };
    process.stderr.write(`${JSON.stringify({ error: details })}\n`);
  } else {
    process.stderr.write(`${[`Error: ${message}`, ...hints].map(harmless).join('\n')}\n`);
  }
  return code;
}

function describe(error: unknown): { readonly message: string; readonly hints: readonly string[] } {
  if (error instanceof CliFailure) return { message: error.message, hints: error.hints };
  if (error instanceof UnauthorizedError)
    return { message: 'Authentication required.', hints: ['Run: waygate login <username>'] };
  if (error instanceof ForbiddenError)
    return {
      message: error.message,
      hints: ['Your role or scope does not allow this. Ask an admin, or sign in as somebody else.'],
    };
  if (error instanceof PreconditionFailedError)
    return { message: error.message, hints: ['Somebody changed it meanwhile. Nothing was changed; run the command again.'] };
  if (error instanceof RateLimitedError)
    return { message: error.message, hints: error.retryAfter === null ? [] : [`Try again in ${error.retryAfter} s.`] };
  if (error instanceof ServerError) return { message: `The server failed: ${error.message}`, hints: [] };
  // An endpoint that is not there, or no Waygate at all; what is missing behind an endpoint is named.
  if (error instanceof NotFoundError && /^not found$/i.test(error.message))
    return {
      message: 'This server does not offer that.',
      hints: ['Is it older than this waygate, or does the address lack the prefix it is mounted at? See: waygate doctor'],
    };
  if (error instanceof UnreachableError)
    return { message: error.message, hints: ['Is the server running? Set its address with: waygate config set-url <url>'] };
  if (error instanceof WaygateClientError) return { message: error.message, hints: [] };
  return { message: errorTrace(error), hints: [] };
}
