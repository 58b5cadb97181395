import type { Links } from '../ui/links.js';
import { TextField } from '../ui/form.js';
import { ProblemNote } from '../ui/form-problem.js';
import { BrandMark } from '../ui/icon.js';

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
          <BrandMark size={24} />
          Waygate
        </p>
        <h1>Sign in</h1>
        {error === null ? null : <ProblemNote>{error}</ProblemNote>}
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
