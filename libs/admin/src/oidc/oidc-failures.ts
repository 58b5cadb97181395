/** Why somebody could not sign in at the identity provider: what the sign-in page then says. */
export const OIDC_FAILURES = {
  unreachable: 'The identity provider cannot be reached',
  late: 'Signing in took too long; try again',
  noGroup: 'You are in no group that may sign in here',
  failed: 'Signing in failed',
} as const;
