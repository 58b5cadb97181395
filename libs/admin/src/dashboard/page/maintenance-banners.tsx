import type { MaintenanceView, WaygateEngine } from '@waygate/core';
import type { Principal } from '../admin/surface.js';
import { DialogLink } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';

/** The switches that a visitor may know of, those that are on or scheduled. */
export function switchesFor(engine: WaygateEngine, who: Principal): readonly MaintenanceView[] {
  return engine.maintenance.list().filter(({ service }) => service === null || who.sees(service));
}

/** On every page: what is down as a whole, and what the engine is in trouble with. Refreshed by itself, as pages without anything live need it too. */
export function Banners({ switches, troubles }: BannersProps & { readonly troubles: readonly string[] }) {
  return (
    <div
      id="banners"
      hx-get={useView().links.to('banners')}
      hx-trigger="waygate:changed from:body"
      hx-swap="outerHTML"
      role="status"
    >
      <MaintenanceBanners switches={switches} />
      {troubles.length === 0 ? null : (
        <div class="banner banner-warn">
          <p>
            <strong>Needs attention</strong>: {troubles.join('; ')}
          </p>
        </div>
      )}
    </div>
  );
}

interface BannersProps {
  readonly switches: readonly MaintenanceView[];
}

/** Maintenance that stops requests now: of everything, or of a service. */
function MaintenanceBanners({ switches }: BannersProps) {
  return (
    <>
      {switches.map((view) => {
        const { service, current } = view;
        if (current === null) return null;
        const { reason, exempt, includeForceActive, since, until, setBy } = current;
        return (
          <div class="banner banner-bad" key={service ?? ''}>
            <p>
              <strong>{service === null ? 'Everything is in maintenance' : `${service} is in maintenance`}</strong>
              {reason === '' ? null : <>: {reason}</>}
              <span class="meta">
                {since === null ? null : (
                  <span>
                    since <Time at={since} />
                  </span>
                )}
                <span>
                  {until === null ? (
                    'until it is ended'
                  ) : (
                    <>
                      ends <Time at={until} />
                    </>
                  )}
                </span>
                {setBy === null ? null : <span>by {setBy}</span>}
                <span>
                  exempt: {exempt.length === 0 ? 'nothing' : exempt.join(', ')}
                  {includeForceActive ? '' : ' and force-active routes'}
                </span>
              </span>
            </p>
            <BannerActions service={service} />
          </div>
        );
      })}
    </>
  );
}

/** Maintenance that is scheduled and stops nothing yet. */
export function ScheduledBanners({ switches }: BannersProps) {
  return (
    <>
      {switches.map(({ service, current, enabled, reason, nextChange }) =>
        current !== null || !enabled ? null : (
          <div class="banner banner-info" key={service ?? ''}>
            <p>
              <strong>{service === null ? 'Global maintenance' : `Maintenance of ${service}`}</strong> is scheduled
              {reason === '' ? null : <>: {reason}</>}
              <span class="meta">
                {nextChange === null ? null : (
                  <span>
                    begins <Time at={nextChange} />
                  </span>
                )}
              </span>
            </p>
            <BannerActions service={service} />
          </div>
        ),
      )}
    </>
  );
}

function BannerActions({ service }: { readonly service: string | null }) {
  const { links, who } = useView();
  if (!who.has('operator') || !(service === null ? who.services === null : who.covers(service))) return null;
  const path = service === null ? 'maintenance' : `maintenance/${service}`;
  return (
    <div class="actions">
      <DialogLink class="button small" href={links.to(path)}>
        Edit
      </DialogLink>
      <DialogLink class="button small" href={links.to(`${path}/off`)}>
        End maintenance
      </DialogLink>
    </div>
  );
}
