import { pathOf, type AdminRequest } from './admin-request.js';

/** Where the sign-in is, seen from the page asked for: relative, so that it is right behind proxies that cut or add a prefix. */
export function signInLocation(request: AdminRequest, mountPath: string): string {
  const path = pathOf(request, mountPath);
  if (path === '') return `${mountPath.split('/').at(-1) ?? ''}/login`;
  return `${'../'.repeat(path.split('/').length - 2)}login`;
}
