import { HttpException } from '@nestjs/common';

/** An answer other than success, with exactly this text. */
export class AnswerError extends HttpException {
  constructor(
    status: number,
    text: string,
    readonly more: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super({ error: text, ...more.body }, status);
    // Nest makes a message of the class's name where the answer is an object.
    this.message = text;
  }
}

/** The request says something that cannot be. */
export function badRequest(text: string): AnswerError {
  return new AnswerError(400, text);
}

/** Nobody is signed in. Pages send the browser to the sign-in, everything else is told. */
export class SignInRequired extends AnswerError {
  constructor() {
    super(401, 'Authentication required. Use POST /api/auth/login to obtain a token.');
  }
}
