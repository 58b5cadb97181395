import type { Grant, KnownUser } from '../../config/authenticator.js';
import { Badge } from '../ui/badge.js';
import { DataTable } from '../ui/data-table.js';
import { Panel } from '../ui/parts.js';

/** Who may sign in, as the code of the app says. */
export interface SignIns {
  /** With a password; `null` = an authenticator of the app knows. */
  readonly users: readonly KnownUser[] | null;
  /** At an identity provider; `null` = there is none. */
  readonly provider: { readonly issuer: string; readonly groups: ReadonlyMap<string, Grant> } | null;
}

/** Users and roles; they are changed in the code, and secrets are never shown. */
export function UsersPanel({ users, provider, me }: SignIns & { readonly me: string }) {
  const rows = [
    ...(users ?? []).map(({ username, grant }) => ({ name: username, how: 'password', grant })),
    ...[...(provider?.groups ?? [])].map(([group, grant]) => ({ name: group, how: 'group', grant })),
  ];
  return (
    <Panel title="Users and roles" flush id="users">
      <p class="hint panel-note">
        Set in WaygateAdminModule.forRoot; changed there.
        {users === null ? ' Passwords are checked by an authenticator of the app: whom it knows is not told here.' : null}
        {provider === null ? null : ` People sign in at ${provider.issuer}; what they may do follows from their groups.`}
      </p>
      {rows.length === 0 ? null : (
        <DataTable label="Users and roles" columns={['Who', 'Signs in with', 'Role', 'Services']}>
          {rows.map(({ name, how, grant }) => (
            <tr key={`${how} ${name}`}>
              <td>
                <strong class="path">{name}</strong> {how === 'password' && name === me ? <span class="tag">you</span> : null}
              </td>
              <td>{how === 'password' ? 'a password' : 'the identity provider, as a member of this group'}</td>
              <td>
                <Badge tone="accent">{grant.role}</Badge>
              </td>
              <td>{grant.services === null ? 'all' : grant.services.join(', ')}</td>
            </tr>
          ))}
        </DataTable>
      )}
    </Panel>
  );
}
