import type { MinuteFigures, TrafficFigures } from '@waygate/core';
import { count, counted, duration } from '../ui/figures.js';
import { MinuteChart, type ChartMark } from '../ui/minute-chart.js';
import { Live, Panel } from '../ui/parts.js';

/** What came for one route within the hour; `null` = it is not counted. */
export interface RouteHour {
  readonly total: TrafficFigures | null;
  readonly minutes: readonly MinuteFigures[];
  readonly marks: readonly ChartMark[];
}

/** Requests and latencies of a route as they happen. */
export function RouteTrafficPanel({ hour }: { readonly hour: RouteHour | null }) {
  return (
    <Live id="route-traffic" traffic>
      <Panel title="The last hour in this process">
        {hour === null ? (
          <p class="hint">Requests are not counted: option `stats` of the admin is off.</p>
        ) : hour.total === null ? (
          <p class="hint">No request came to this process. What other processes answer is counted there.</p>
        ) : (
          <Charts {...hour} total={hour.total} />
        )}
      </Panel>
    </Live>
  );
}

function Charts({ total, minutes, marks }: RouteHour & { readonly total: TrafficFigures }) {
  const at = minutes.map(({ minute }) => minute);
  const errors = total.appErrors;
  const spoken = `${counted(total.requests, 'request')}, ${counted(errors, 'error')}, ${count(total.blocked)} blocked within the hour.`;
  return (
    <>
      <dl class="figures">
        <Figure name="Requests" value={count(total.requests)} />
        <Figure name="Errors (5xx)" value={count(errors)} bad={errors > 0} />
        <Figure name="Errors (4xx)" value={count(total.clientErrors)} />
        <Figure name="Blocked" value={count(total.blocked)} />
        {total.shadowed === 0 ? null : <Figure name="In shadow" value={count(total.shadowed)} />}
        <Figure name="p50" value={duration(total.p50)} />
        <Figure name="p95" value={duration(total.p95)} />
      </dl>
      <div class="grid-2 charts">
        <div>
          <MinuteChart
            id="requests-chart"
            minutes={at}
            series={[
              { label: 'requests', colour: 'info', values: minutes.map(({ requests }) => requests) },
              { label: 'blocked', colour: 'warn', values: minutes.map(({ blocked }) => blocked) },
              { label: 'errors', colour: 'bad', values: minutes.map(({ appErrors }) => appErrors) },
            ]}
            marks={marks}
            summary={spoken}
          />
        </div>
        <div>
          <MinuteChart
            id="latency-chart"
            minutes={at}
            series={[
              { label: 'p95', colour: 'warn', values: minutes.map(({ p95 }) => p95) },
              { label: 'p50', colour: 'good', values: minutes.map(({ p50 }) => p50) },
            ]}
            marks={marks}
            unit=" ms"
            summary={`Half of the answers took ${duration(total.p50)} at most, 95 % of them ${duration(total.p95)}.`}
          />
        </div>
      </div>
    </>
  );
}

function Figure({ name, value, bad = false }: { readonly name: string; readonly value: string; readonly bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad ? 'errors' : undefined}>{value}</dd>
    </div>
  );
}
