import { Get, Post } from '@nestjs/common';
import { FLAG_TYPES, WaygateEngine, type FlagInput, type FlagType } from '@waygate/core';
import { Requires } from '../admin/surface.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { Check, choicesOf, listOf, SelectField, TextArea, TextField } from '../ui/form.js';
import { pageOf } from '../ui/paging.js';
import { readFlagValue } from './flag-draft.js';
import { flagPath } from './flag-path.js';
import { FLAG_STATUSES } from './flag-status.js';
import { FlagsPage } from './flags-page.js';

const PAGE_SIZE = 100;

@PageController('flags')
export class FlagPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly forms: Forms,
  ) {}

  @Get()
  @Requires('viewer', 'everything')
  list(@Visiting() visit: Visit): void {
    const { flags } = this.engine.sync;
    const filter = visit.filter('q', 'type', 'status', 'tag', 'stale');
    const { q: search, tag } = filter;
    const stale = new Map(this.engine.flags.stale().map((flag) => [flag.key, flag]));
    const type = FLAG_TYPES.find((known) => known === filter.type);
    const status = FLAG_STATUSES.find((known) => known === filter.status);
    const matching = flags
      .list({
        ...(type === undefined ? {} : { type }),
        ...(status === undefined ? {} : { status }),
        ...(tag === undefined ? {} : { tag }),
        ...(search === undefined ? {} : { search }),
      })
      .filter(({ key }) => filter.stale !== 'yes' || stale.has(key));
    this.pages.page(visit, {
      title: 'Flags',
      section: 'flags',
      children: (
        <FlagsPage
          list={pageOf(matching, visit.query('page'), PAGE_SIZE)}
          tags={[...new Set(flags.list().flatMap(({ tags }) => tags))].toSorted()}
          stale={stale}
          filter={filter}
        />
      ),
    });
  }

  @Get('new')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.forms.show(visit, newForm());
  }

  @Post('new')
  @Requires('operator', 'everything')
  create(@Visiting() visit: Visit): Promise<void> {
    return this.forms.send(visit, newForm, async () => {
      const { key, revision } = await this.engine.flags.create(newFlag(visit), visit.author());
      return { message: `Flag '${key}' is there.`, undo: [revision], back: flagPath(key), leave: true };
    });
  }
}

function newForm(): Form {
  return {
    section: 'flags',
    title: 'New flag',
    note: 'It begins switched off: nobody sees anything new until it is switched on.',
    action: 'flags/new',
    submit: 'Create flag',
    back: 'flags',
    fields: (
      <>
        <TextField
          name="key"
          label="Key"
          required
          placeholder="new-checkout"
          hint="What the code asks for. It cannot be changed later."
        />
        <TextField name="name" label="Name" placeholder="New checkout" />
        <SelectField name="type" label="Type" choices={choicesOf(FLAG_TYPES)} />
        <TextArea
          name="variations"
          label="Variations"
          rows={3}
          code
          placeholder={'on = true\noff = false'}
          hint="One a line: name = value. Empty = on and off, for a boolean flag. The first is what everybody gets while it is on, the last while it is off."
        />
        <TextField name="tags" label="Tags" placeholder="checkout, web" />
        <Check name="temporary" label="Temporary: meant to leave the code one day" checked />
      </>
    ),
  };
}

function newFlag(visit: Visit): FlagInput {
  const type = visit.field('type') as FlagType;
  const text = visit.field('variations') || (type === 'boolean' ? 'on = true\noff = false' : '');
  const variations = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split('=');
      return { name: name.trim(), value: readFlagValue(rest.join('=').trim(), type, name.trim()) };
    });
  const name = visit.field('name');
  return {
    key: visit.field('key'),
    ...(name === '' ? {} : { name }),
    type,
    variations,
    fallthrough: variations[0]?.name ?? '',
    offVariation: variations.at(-1)?.name ?? '',
    tags: listOf(visit.field('tags')),
    enabled: false,
    temporary: visit.field('temporary') === 'yes',
  };
}
