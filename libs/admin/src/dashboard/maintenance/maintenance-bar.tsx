import type { MaintenanceView } from '@waygate/core';
import { DialogLink } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';

export interface ServiceMaintenance {
  readonly service: string;
  readonly view: MaintenanceView;
}

export interface ServiceMaintenance {
  readonly service: string;
  readonly view: MaintenanceView;
}

interface BarProps {
  readonly global: MaintenanceView;
  readonly services: readonly ServiceMaintenance[];
}

/** Says what is taken down as a whole, or will be. */
export function MaintenanceBar({ global, services }: BarProps) {
  const { links, who } = useView();
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
                    ends <Time at={view.until} />
                  </span>
                )}
                {!view.inForce && view.window?.start != null ? (
                  <span>
                    begins <Time at={view.window.start} />
                  </span>
                ) : null}
                {view.exempt.length === 0 ? null : <span>exempt: {view.exempt.join(', ')}</span>}
                {view.setBy === null || view.setAt === null ? null : (
                  <span>
                    {view.setBy}, <Time at={view.setAt} />
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
