import type { MaintenanceView } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { Links } from '../page/links.js';
import { DialogLink } from '../ui/parts.js';
import { Time } from '../ui/time.js';

export interface ServiceMaintenance {
  readonly service: string;
  readonly view: MaintenanceView;
}

interface BarProps {
  readonly global: MaintenanceView;
  readonly services: readonly ServiceMaintenance[];
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

/** Says what is taken down as a whole, or will be. */
export function MaintenanceBar({ global, services, who, links, now }: BarProps) {
  const shown = [{ name: 'Global maintenance', path: 'maintenance', view: global, mine: who.services === null }].concat(
    services.map(({ service, view }) => ({
      name: `Maintenance of ${service}`,
      path: `maintenance/${service}`,
      view,
      mine: who.covers(service),
    })),
  );
  return (
    <>
      {shown
        .filter(({ view }) => view.enabled)
        .map(({ name, path, view, mine }) => (
          <div class={view.inForce ? 'banner banner-warn' : 'banner banner-info'} key={path}>
            <p>
              <strong>{name}</strong> {view.inForce ? 'is on' : 'is planned'}
              {view.reason === '' ? null : <>: {view.reason}</>}
              <span class="meta">
                {view.until === null ? null : (
                  <span>
                    ends <Time at={view.until} now={now} />
                  </span>
                )}
                {!view.inForce && view.window?.start != null ? (
                  <span>
                    begins <Time at={view.window.start} now={now} />
                  </span>
                ) : null}
                {view.exempt.length === 0 ? null : <span>exempt: {view.exempt.join(', ')}</span>}
                {view.setBy === null || view.setAt === null ? null : (
                  <span>
                    {view.setBy}, <Time at={view.setAt} now={now} />
                  </span>
                )}
              </span>
            </p>
            {who.has('operator') && mine ? (
              <div class="actions">
                <DialogLink class="button small" href={links.to(path)}>
                  Edit
                </DialogLink>
                <DialogLink class="button small" href={links.to(`${path}/off`)}>
                  End it
                </DialogLink>
              </div>
            ) : null}
          </div>
        ))}
    </>
  );
}
