import type { EngineConfig } from './config/engine-config.js';
import type { WaygateEvents } from './events/waygate-events.js';
import type { EventHub } from './events/event-hub.js';
import { affectedFlags } from './flags/affected-flags.js';
import { EvaluationLog } from './flags/evaluation-log.js';
import { FlagClient } from './flags/flag-client.js';
import { FlagEvaluator } from './flags/flag-evaluator.js';
import { FlagTable } from './flags/flag-table.js';
import type { FlagChanges } from './flags/flag-planners.js';
import { Flags } from './flags/flags.js';
import { ServerProviderEvents, ServerProviderStatus } from './flags/open-feature.js';
import type { SegmentChanges } from './flags/segment-planners.js';
import { Segments } from './flags/segments.js';
import type { ChangeSink } from './planning/change-sink.js';
import type { ChangeOf } from './planning/plan.js';
import type { DueWork } from './schedule/scheduler.js';
import type { ControlState } from './state/control-state.js';
import type { Health } from './state/health.js';

/** The engine's part for flags: table, evaluator, writers and the log of evaluations, wired together. */
export class FeatureFlags {
  readonly flags: Flags;
  readonly segments: Segments;
  readonly client: FlagClient;
  readonly evaluator: FlagEvaluator;
  readonly #log: EvaluationLog;

  constructor(
    { clock }: EngineConfig,
    state: ControlState,
    events: EventHub<WaygateEvents>,
    changes: ChangeSink<ChangeOf<FlagChanges> | ChangeOf<SegmentChanges>>,
  ) {
    this.#log = new EvaluationLog(clock, {
      hears: () => events.hears('evaluation'),
      tell: (evaluation) => events.emit('evaluation', evaluation),
    });
    const table = new FlagTable(clock, (flag, variation) => this.#log.tally(flag, variation));
    state.subscribe((change) => table.apply(change));
    this.evaluator = new FlagEvaluator(table, this.#log);
    this.flags = new Flags({ state, changes, table, evaluator: this.evaluator, log: this.#log, clock });
    this.segments = new Segments(state, changes);
    this.client = new FlagClient({
      evaluator: this.evaluator,
      onTrack: (name, context, details) => events.emit('track', { at: clock(), name, context, details }),
    });
    state.subscribe(({ changes, after }) => {
      if (!this.client.hears(ServerProviderEvents.ConfigurationChanged)) return;
      const flagsChanged = affectedFlags(changes, after);
      if (flagsChanged.length > 0)
        this.client.emit(ServerProviderEvents.ConfigurationChanged, { flagsChanged: [...flagsChanged] });
    });
  }

  /** Changes of flags that fall due, for the scheduler. */
  get dueWork(): DueWork {
    return {
      nextDue: () => this.flags.nextDue(),
      runDue: async (now) => {
        await this.flags.runDue(now);
      },
    };
  }

  /** Evaluation goes on whatever happens to the backend, and says so. */
  healthChanged({ status, reason }: Health): void {
    this.evaluator.stale = status !== 'ready';
    if (status === 'ready') this.client.setStatus(ServerProviderStatus.READY);
    else if (status === 'stale' || status === 'state-lost') this.client.setStatus(ServerProviderStatus.STALE, reason);
    else if (status !== 'starting') this.client.setStatus(ServerProviderStatus.ERROR, reason);
  }

  close(): void {
    this.#log.close();
  }
}
