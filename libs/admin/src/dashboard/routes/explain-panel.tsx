import type { RouteView } from '@waygate/core';
import { Badge } from '../ui/badge.js';
import { liveQuery } from '../ui/filter-form.js';
import { TextField } from '../ui/form.js';
import { ProblemNote } from '../ui/form-problem.js';
import { Live, Panel } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import { hasCaller, type CallerQuery } from './caller-query.js';
import type { Step } from './explain-route.js';

const VERDICTS = {
  pass: ['good', 'passes'],
  block: ['bad', 'stops'],
  skip: ['muted', 'skipped'],
  count: ['info', 'counted'],
} as const;

interface ExplainPanelProps {
  readonly route: RouteView;
  readonly steps: readonly Step[];
  readonly caller: CallerQuery;
  readonly problem: string | null;
}

/** Every step of the decision about a request, for anybody or for one caller. */
export function ExplainPanel({ route, steps, caller, problem }: ExplainPanelProps) {
  const { links } = useView();
  const action = links.route(route.key);
  const stopped = steps.find(({ verdict, isReached }) => verdict === 'block' && isReached);
  return (
    <Panel title="What a request meets" id="explain">
      <form
        class="explain-form"
        aria-label="Caller"
        {...liveQuery(action, 'explained', 'input changed delay:250ms, submit')}
        hx-replace-url="true"
      >
        <details class="more" open={hasCaller(caller)}>
          <summary>For one caller</summary>
          <div class="row">
            <TextField name="ip" label="Address" value={caller.ip} placeholder="203.0.113.7" />
            <TextField name="user" label="User" value={caller.user} placeholder="alice" />
          </div>
          <div class="row">
            <TextField name="roles" label="Roles" value={caller.roles} placeholder="staff, beta" />
            <TextField
              name="attributes"
              label="Attributes"
              value={caller.attributes}
              placeholder="plan = pro"
              hint="What tiers go by"
            />
          </div>
          <TextField
            name="api_key"
            label="API key"
            value={caller.apiKey}
            hint="Any text that stands for it: what is typed here is part of the URL."
          />
          <noscript>
            <button class="button">Explain</button>
          </noscript>
        </details>
      </form>
      <Live id="explained">
        {problem === null ? null : <ProblemNote>{problem}</ProblemNote>}
        <p class="verdict">
          {stopped === undefined ? (
            <>
              <Badge tone="good">answered</Badge> Nothing stops it.
            </>
          ) : (
            <>
              <Badge tone="bad">refused</Badge> {stopped.title}
            </>
          )}
        </p>
        <ol class="steps">
          {steps.map(({ title, verdict, detail, isReached }, index) => (
            <li key={index} class={isReached ? undefined : 'unreached'}>
              {isReached ? (
                <Badge tone={VERDICTS[verdict][0]}>{VERDICTS[verdict][1]}</Badge>
              ) : (
                <Badge tone="muted">not reached</Badge>
              )}
              <div>
                <strong>{title}</strong>
                <p>{detail}</p>
              </div>
            </li>
          ))}
        </ol>
      </Live>
    </Panel>
  );
}
