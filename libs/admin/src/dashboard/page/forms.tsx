import { Injectable } from '@nestjs/common';
import {
  AlreadyExistsError,
  ChangesConflictError,
  ConflictError,
  InUseError,
  InvalidLimitError,
  RECORD_KINDS,
  RouteProtectedError,
  ValidationError,
  WaygateEngine,
  type RecordKind,
} from '@waygate/core';
import type { VNode } from 'preact';
import { AnswerError } from '../admin/surface.js';
import { ConflictNote } from '../changes/conflict-note.js';
import { FormContext, fieldNamed, type FormProblem } from '../ui/form-state.js';
import { FormDialog, SecretDialog, type Form, type Secret } from './dialog.js';
import { Pages } from './pages.js';
import { Toast } from './toast.js';
import type { Visit } from './visit.js';

/** A change that was made. */
export interface Done {
  /** What happened, in a sentence. */
  readonly message: string;
  /** Revisions that *undo* reverts; none = it cannot be undone. */
  readonly undo?: readonly number[];
  /** Where a browser goes next without scripts, or when it leaves the page; below the mount. */
  readonly back: string;
  /** Leaves the page: it shows what is gone, or is a form that is done. */
  readonly leave?: boolean;
}

/**
 * The recipe of every change: `show` sends the form, `send` runs what it asks for. The operator then sees a toast that can undo it, or the
 * form again with what was typed, the error at its field, and what another user changed in the meantime.
 *
 * @example
 * ```ts
 * @Post(':key/delete')
 * delete(@Visiting() visit: Visit): Promise<void> {
 *   return this.forms.send(visit, () => deleteForm(key), async () => {
 *     await this.engine.segments.delete(key, visit.author());
 *     return { message: `${key} deleted.`, undo: await this.forms.latest('segment', key), back: 'segments', leave: true };
 *   });
 * }
 * ```
 */
@Injectable()
export class Forms {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  /** Sends a form as a dialog; without a script, as a page. */
  show(visit: Visit, form: Form, problem: FormProblem | null = null): void {
    const dialog = this.filled(visit, problem, <FormDialog form={form} alone={!visit.isPartial} />);
    this.pages.dialog(visit, { title: form.title, section: form.section, children: dialog }, problem?.status);
  }

  /** Runs what a form asks for. A secret is shown this once. @param form made again when it is rejected: it may show the record as it is by then */
  async send(visit: Visit, form: () => Form | Promise<Form>, run: () => Promise<Done | Secret>): Promise<void> {
    await this.attempt(visit, run, async (problem) => this.show(visit, await form(), problem));
  }

  /** Runs a change, and says that it is done. @param rejected answers when the operator has to mend something first */
  async attempt(
    visit: Visit,
    run: () => Promise<Done | Secret>,
    rejected: (problem: FormProblem) => void | Promise<void>,
  ): Promise<void> {
    let result: Done | Secret;
    try {
      result = await run();
    } catch (error) {
      return rejected(await this.#problem(error));
    }
    if ('message' in result) this.done(visit, result);
    else this.#secret(visit, result);
  }

  /** Gives the fields of a form what was typed, and what is wrong with it. */
  filled(visit: Visit, problem: FormProblem | null, form: VNode): VNode {
    return <FormContext.Provider value={{ sent: visit.isSent ? visit.form : null, problem }}>{form}</FormContext.Provider>;
  }

  /** Says that it is done, and how to undo it. */
  done(visit: Visit, { message, undo = [], back, leave = false }: Done): void {
    const { response } = visit;
    const target = this.pages.links.to(back);
    if (!visit.isPartial || leave) {
      const query = undo.length === 0 ? '' : `${target.includes('?') ? '&' : '?'}done=${undo.join('.')}`;
      response.setHeader(visit.isPartial ? 'hx-redirect' : 'location', target + query);
      response.writeHead(visit.isPartial ? 204 : 303).end();
      return;
    }
    response.setHeader('hx-retarget', '#toasts');
    response.setHeader('hx-reswap', 'beforeend');
    response.setHeader('hx-trigger', '{"waygate:done":{}}');
    this.pages.piece(visit, <Toast message={message} undo={undo} />);
  }

  #secret(visit: Visit, secret: Secret): void {
    const { title, section } = secret;
    this.pages.dialog(visit, { title, section, children: <SecretDialog secret={secret} alone={!visit.isPartial} /> });
  }

  /** The revision of the latest change to a record, for *undo*; empty = it is not in the log. */
  async latest(kind: RecordKind, key: string): Promise<readonly number[]> {
    const { items } = await this.engine.audit.list({ kind, key, limit: 1 });
    return items.map(({ revision }) => revision);
  }

  /** @throws what the operator cannot mend */
  async #problem(error: unknown): Promise<FormProblem> {
    if (error instanceof ConflictError) return { status: 409, conflict: await this.#conflict(error) };
    if (error instanceof ValidationError) return { status: 422, error: error.message, field: fieldNamed(error.field) };
    if (error instanceof InvalidLimitError) return { status: 422, error: error.message, field: 'limit' };
    if (error instanceof AlreadyExistsError) return { status: 422, error: error.message, field: 'key' };
    const isMendable =
      error instanceof InUseError ||
      error instanceof RouteProtectedError ||
      (error instanceof AnswerError && [400, 422].includes(error.getStatus()));
    if (isMendable) return { status: 422, error: error.message };
    throw error;
  }

  /** The last change of each record that another user changed in the meantime. */
  async #conflict(error: ConflictError): Promise<VNode> {
    const kind = RECORD_KINDS.find((known) => known === error.kind);
    const keys = error instanceof ChangesConflictError ? error.conflicts.map(({ key }) => key) : [error.key];
    const last = await Promise.all(
      keys.map((key) => this.engine.audit.list({ ...(kind === undefined ? {} : { kind }), key, limit: 1 })),
    );
    return <ConflictNote entries={last.flatMap(({ items }) => items)} />;
  }
}
