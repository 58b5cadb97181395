import type { ExplainedClause, ExplainedStep, FlagExplanation } from '@waygate/core';
import { operatorName } from '../clauses/clause-editor.js';
import { percent } from '../flags/flag-draft.js';
import { Badge, type Tone } from '../ui/badge.js';
import { liveQuery } from '../ui/filter-form.js';
import { TextArea, TextField } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { Empty, Live, PageHead, Panel } from '../ui/parts.js';
import { useView } from '../ui/view.js';

interface PlaygroundPageProps {
  readonly explained: readonly FlagExplanation[];
  readonly targetingKey: string;
  readonly attributes: string;
  readonly search: string;
  /** A flag whose explanation is open. */
  readonly open: string;
}

export function PlaygroundPage({ explained, targetingKey, attributes, search, open }: PlaygroundPageProps) {
  const { links } = useView();
  return (
    <>
      <PageHead title="Playground" note="What one caller gets from every flag, and why. Nothing here is counted." />
      <div class="grid-aside">
        <Panel title="Caller">
          <form {...liveQuery(links.to('playground'), 'results', 'input delay:250ms, submit')} hx-push-url="true">
            <TextField name="key" label="Targeting key" value={targetingKey} placeholder="alice" />
            <TextArea
              name="attributes"
              label="Attributes"
              value={attributes}
              rows={6}
              code
              placeholder={'plan = premium\ncountry = DE\nage = 42'}
              hint="One a line: name = value."
            />
            <TextField name="q" label="Only flags like" value={search} />
            <noscript>
              <button class="button primary">Evaluate</button>
            </noscript>
          </form>
        </Panel>
        <Live id="results">
          <Panel title={`${explained.length} flags`} flush>
            {explained.length === 0 ? (
              <Empty icon="flask" title="No flag to ask">
                <a href={links.to('flags')}>Make one</a>
              </Empty>
            ) : (
              <ol class="entries">
                {explained.map((explanation) => (
                  <li class="entry" key={explanation.flagKey}>
                    <Explained explanation={explanation} open={explanation.flagKey === open} />
                  </li>
                ))}
              </ol>
            )}
          </Panel>
        </Live>
      </div>
    </>
  );
}

function Explained({ explanation, open }: { readonly explanation: FlagExplanation; readonly open: boolean }) {
  const { links } = useView();
  const { flagKey, details, steps } = explanation;
  return (
    <details id={`explained-${flagKey}`} open={open}>
      <summary class="evaluated">
        <Icon name="right" />
        <strong class="path">{flagKey}</strong>
        <code class="evaluated-value">{details.value === null ? 'the default of the code' : JSON.stringify(details.value)}</code>
        <span class="tag">{details.variation ?? 'none'}</span>
        <span class="evaluated-why">{details.reason.toLowerCase().replaceAll('_', ' ')}</span>
      </summary>
      <div class="entry-body">
        <ol class="steps">
          {steps.map((step, index) => (
            <Step key={index} step={step} />
          ))}
        </ol>
        <p>
          <a href={links.flag(flagKey)}>To the flag</a>
        </p>
      </div>
    </details>
  );
}

function Line({
  tone,
  word,
  children,
}: {
  readonly tone: Tone;
  readonly word: string;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <li>
      <Badge tone={tone}>{word}</Badge>
      <div>{children}</div>
    </li>
  );
}

function Step({ step }: { readonly step: ExplainedStep }) {
  switch (step.step) {
    case 'archived':
      return (
        <Line tone="muted" word="ends">
          The flag is archived: the code's own default is given.
        </Line>
      );
    case 'switch':
      return (
        <Line tone={step.enabled ? 'good' : 'bad'} word={step.enabled ? 'on' : 'off'}>
          The flag is {step.enabled ? 'on' : 'off'}.
        </Line>
      );
    case 'prerequisite':
      return (
        <Line tone={step.holds ? 'good' : 'bad'} word={step.holds ? 'holds' : 'fails'}>
          Needs <code>{step.flagKey}</code> to give <code>{step.wanted}</code>; it gives <code>{step.got ?? 'nothing'}</code>.
        </Line>
      );
    case 'targets':
      return (
        <Line tone={step.variation === null ? 'muted' : 'good'} word={step.variation === null ? 'no' : 'named'}>
          {step.variation === null ? (
            'The caller is not named.'
          ) : (
            <>
              The caller is named and gets <code>{step.variation}</code>.
            </>
          )}
        </Line>
      );
    case 'rule':
      return (
        <Line tone={step.holds ? 'good' : 'muted'} word={step.holds ? 'holds' : 'no'}>
          <strong>{step.description === '' ? `Rule ${step.ruleId}` : step.description}</strong>
          {step.clauses.map((clause, index) => (
            <Clause key={index} clause={clause} />
          ))}
        </Line>
      );
    case 'variation':
      return (
        <Line tone="accent" word="gives">
          <code>{step.variation}</code>,{' '}
          {step.of === 'off' ? 'the off variation' : step.of === 'rule' ? 'as the rule says' : 'what everybody else gets'}.
        </Line>
      );
    case 'rollout':
      return (
        <Line tone="accent" word="gives">
          {step.bucket === null ? (
            <>The caller has no {step.bucketBy}: the first share is given.</>
          ) : (
            <>
              <code>{step.bucketBy}</code> falls into bucket {step.bucket} of 100 000:{' '}
            </>
          )}
          {step.shares.map(({ variation, weight, chosen }) => (
            <span key={variation} class={chosen ? 'tag chosen-share' : 'tag'}>
              {variation} {percent(weight)} %
            </span>
          ))}
        </Line>
      );
  }
}

function Clause({ clause }: { readonly clause: ExplainedClause }) {
  const { attribute, operator, values, negate, saw, holds } = clause;
  return (
    <p>
      {holds ? '✓' : '✗'} {negate ? 'not: ' : ''}
      <code>{attribute}</code> {operatorName(operator)} <code>{values.map(String).join(', ')}</code>, saw{' '}
      <code>{saw === undefined ? 'nothing' : JSON.stringify(saw)}</code>
    </p>
  );
}
