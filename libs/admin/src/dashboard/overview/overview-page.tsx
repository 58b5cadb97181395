import type { RecordedAuditEntry } from '@waygate/core';
import type { Minute } from '../activity/activity.js';
import { AuditEntries } from '../changes/audit-entries.js';
import { Badge } from '../ui/badge.js';
import { counted } from '../ui/figures.js';
import { MinuteChart, type ChartMark } from '../ui/minute-chart.js';
import { Empty, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import { namedOf, type Unusual, type Upcoming } from './overview.js';

export interface Tile {
  readonly label: string;
  readonly value: number;
  readonly href: string;
  readonly tone?: 'warn' | 'bad';
}

interface OverviewPageProps {
  readonly tiles: readonly Tile[];
  readonly unusual: readonly Unusual[];
  readonly upcoming: readonly Upcoming[];
  readonly minutes: readonly Minute[];
  /** Changes within the hour. */
  readonly marks: readonly ChartMark[];
  readonly recent: readonly RecordedAuditEntry[];
}

const SHOWN = 12;

export function OverviewPage({ tiles, unusual, upcoming, minutes, marks, recent }: OverviewPageProps) {
  const { links } = useView();
  return (
    <>
      <PageHead title="Overview" note="What is not as it mostly is, and what comes next." />
      <Live id="overview" traffic>
        <div class="tiles">
          {tiles.map(({ label, value, href, tone }) => (
            <a key={label} class={tone !== undefined && value > 0 ? `tile tile-${tone}` : 'tile'} href={href}>
              <span class="tile-value">{value}</span>
              <span class="tile-label">{label}</span>
            </a>
          ))}
        </div>
        <div class="grid-main">
          <div>
            <Panel title="Not normal now" flush>
              {unusual.length === 0 ? (
                <Empty icon="pulse" title="All is calm">
                  <p>Every route answers, and nothing waits to be looked at.</p>
                </Empty>
              ) : (
                <UnusualList unusual={unusual} />
              )}
            </Panel>
          </div>
          <Panel title="Comes next">
            {upcoming.length === 0 ? (
              <p class="hint">Nothing changes by itself. Schedule a maintenance, or a flag, to see it here.</p>
            ) : (
              <ul class="plain-list">
                {upcoming.slice(0, SHOWN).map(({ at, what, change, href }) => (
                  <li key={`${what} ${at} ${change}`}>
                    <Time at={at} />
                    <span>
                      <a class="path" href={href}>
                        {what}
                      </a>{' '}
                      {change}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        </div>
        <div class="grid-2">
          <Panel title="Traffic in the last hour">
            <TrafficChart minutes={minutes} marks={marks} />
          </Panel>
          <Panel title="Refused in the last hour">
            <RefusedChart minutes={minutes} marks={marks} />
          </Panel>
        </div>
        <Panel title="Latest changes" flush actions={<a href={links.to('audit')}>All changes</a>}>
          {recent.length === 0 ? <Empty icon="history" title="Nothing was changed yet" /> : <AuditEntries entries={recent} />}
        </Panel>
      </Live>
    </>
  );
}

function UnusualList({ unusual }: { readonly unusual: readonly Unusual[] }) {
  const { links } = useView();
  return (
    <ul class="unusual">
      {namedOf(unusual, links).flatMap(({ kind, named, more, href: all }) => [
        ...named.map(({ tone, what, why, href, until }) => (
          <li key={`${kind} ${what}`}>
            <Badge tone={tone}>{kind}</Badge>
            <a href={href} class="path">
              {what}
            </a>
            <span class="reason">{why}</span>
            {until === null ? null : (
              <span class="hint">
                ends <Time at={until} />
              </span>
            )}
          </li>
        )),
        more === 0 ? null : (
          <li key={kind}>
            <Badge tone={named[0]?.tone ?? 'info'}>{kind}</Badge>
            <a href={all}>and {more} more</a>
          </li>
        ),
      ])}
    </ul>
  );
}

const sumOf = (minutes: readonly Minute[], of: (minute: Minute) => number) =>
  minutes.reduce((sum, minute) => sum + of(minute), 0);

interface ChartProps {
  readonly minutes: readonly Minute[];
  readonly marks: readonly ChartMark[];
}

const told = (marks: readonly ChartMark[]) => (marks.length === 0 ? '' : ` Meanwhile ${counted(marks.length, 'change')} came.`);

function RefusedChart({ minutes, marks }: ChartProps) {
  const total = sumOf(minutes, ({ blocked, limited }) => blocked + limited);
  return (
    <MinuteChart
      id="refused-chart"
      minutes={minutes.map(({ at }) => at)}
      series={[
        { label: 'blocked by state', colour: 'bad', values: minutes.map(({ blocked }) => blocked) },
        { label: 'over a limit', colour: 'warn', values: minutes.map(({ limited }) => limited) },
      ]}
      marks={marks}
      summary={`${counted(total, 'request')} refused within the hour in this process.${told(marks)}`}
    />
  );
}

function TrafficChart({ minutes, marks }: ChartProps) {
  const total = sumOf(minutes, ({ requests }) => requests);
  return (
    <MinuteChart
      id="traffic-chart"
      minutes={minutes.map(({ at }) => at)}
      series={[{ label: 'requests a minute', colour: 'info', values: minutes.map(({ requests }) => requests) }]}
      marks={marks}
      summary={`${counted(total, 'request')} within the hour to this process.${told(marks)}`}
    />
  );
}
