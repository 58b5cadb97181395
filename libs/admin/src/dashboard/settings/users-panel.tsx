import type { Grant, KnownUser } from '../admin/surface.js';
import { Badge } from '../ui/badge.js';
import { columnsOf, DataTable } from '../ui/data-table.js';
import { Panel } from '../ui/parts.js';
import { useView } from '../ui/view.js';

/** Who may sign in, as the code of the app says. */
export interface SignIns {
  /** With a password; `null` = an authenticator of the app knows. */
  readonly users: readonly KnownUser[] | null;
  /** At an identity provider; `null` = there is none. */
  readonly provider: { readonly issuer: string; readonly groups: ReadonlyMap<string, Grant> } | null;
}

interface Row {
  readonly name: string;
  readonly how: 'password' | 'group';
  readonly grant: Grant;
}

const { column } = columnsOf<Row>();

/** Users and roles; they are changed in the code, and secrets are never shown. */
export function UsersPanel({ users, provider }: SignIns) {
  const { who } = useView();
  const rows: readonly Row[] = [
    ...(users ?? []).map(({ username, grant }) => ({ name: username, how: 'password' as const, grant })),
    ...[...(provider?.groups ?? [])].map(([group, grant]) => ({ name: group, how: 'group' as const, grant })),
  ];
  return (
    <Panel title="Users and roles" flush id="users">
      <p class="hint panel-note">
        Set in WaygateAdminModule.forRoot; changed there.
        {users === null ? ' Passwords are checked by an authenticator of the app: whom it knows is not told here.' : null}
        {provider === null ? null : ` People sign in at ${provider.issuer}; what they may do follows from their groups.`}
      </p>
      {rows.length === 0 ? null : (
        <DataTable
          label="Users and roles"
          rows={rows}
          keyOf={({ how, name }) => `${how} ${name}`}
          columns={[
            column('Who', ({ how, name }) => (
              <>
                <strong class="path">{name}</strong>{' '}
                {how === 'password' && name === who.name ? <span class="tag">you</span> : null}
              </>
            )),
            column('Signs in with', ({ how }) =>
              how === 'password' ? 'a password' : 'the identity provider, as a member of this group',
            ),
            column('Role', ({ grant }) => <Badge tone="accent">{grant.role}</Badge>),
            column('Services', ({ grant }) => servicesText(grant.services)),
          ]}
        />
      )}
    </Panel>
  );
}

/** @param services `null` = everything */
export function servicesText(services: readonly string[] | null): string {
  return services === null ? 'all' : services.join(', ');
}
