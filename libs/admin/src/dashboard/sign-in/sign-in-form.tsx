import type { Links } from '../page/links.js';
import { TextField } from '../ui/form.js';
import { FormProblem } from '../ui/form-problem.js';

interface SignInFormProps {
  readonly links: Links;
  /** Why it failed the last time. */
  readonly error: string | null;
  /** Whether users of this admin have passwords, and whether an identity provider knows some. */
  readonly withPassword: boolean;
  readonly withProvider: boolean;
}

export function SignInForm({ links, error, withPassword, withProvider }: SignInFormProps) {
  return (
    <main class="sign-in">
      <form method="post" action={links.to('login')} class="sign-in-card">
        <p class="brand">
          <svg class="brand-mark" viewBox="0 0 20 20" width="24" height="24" aria-hidden="true">
            <path d="M3 17V7a7 7 0 0 1 14 0v10" />
            <path d="M8 17V8.5a2 2 0 0 1 4 0V17" />
          </svg>
          Waygate
        </p>
        <h1>Sign in</h1>
        <FormProblem error={error} />
        {withPassword ? (
          <>
            <TextField name="username" label="User name" autocomplete="username" required autofocus maxLength={256} />
            <TextField
              name="password"
              label="Password"
              type="password"
              autocomplete="current-password"
              required
              maxLength={1024}
            />
            <button class="button primary">Sign in</button>
          </>
        ) : null}
        {withProvider ? (
          <a class={withPassword ? 'button' : 'button primary'} href={links.to('login/oidc')}>
            Sign in with your organisation
          </a>
        ) : null}
      </form>
      <p class="sign-in-note">Runtime control of this API: routes, limits, features.</p>
    </main>
  );
}
