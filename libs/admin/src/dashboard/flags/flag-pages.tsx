import { Controller, Get, Post, UseFilters } from '@nestjs/common';
import { AlreadyExistsError, FLAG_TYPES, ValidationError, WaygateEngine, type FlagInput, type FlagType } from '@waygate/core';
import { Requires } from '../../http/requires.js';
import { AnswerError } from '../../http/answer-error.js';
import { encodePathKey } from '../../http/path-key.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { Check, listOf, SelectField, TextArea, TextField } from '../ui/form.js';
import { readFlagValue } from './flag-draft.js';
import { FLAG_STATUSES, FlagsPage, type FlagQuery } from './flags-page.js';

const PAGE_SIZE = 100;

@Controller('flags')
@UseFilters(PageErrorsFilter)
export class FlagPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'everything')
  list(@Visiting() visit: Visit): void {
    const query = queryOf(visit);
    const stale = new Map(this.engine.flags.stale().map((flag) => [flag.key, flag]));
    const type = FLAG_TYPES.find((known) => known === query.type);
    const status = FLAG_STATUSES.find((known) => known === query.status);
    const all = this.engine.sync.flags.list();
    const matching = this.engine.sync.flags
      .list({
        ...(type === undefined ? {} : { type }),
        ...(status === undefined ? {} : { status }),
        ...(query.tag === '' ? {} : { tag: query.tag }),
        ...(query.search === '' ? {} : { search: query.search }),
      })
      .filter(({ key }) => !query.stale || stale.has(key));
    const pages = Math.max(1, Math.ceil(matching.length / PAGE_SIZE));
    const page = Math.min(pages, Math.max(1, Math.floor(Number(visit.query('page')) || 1)));
    this.pages.page(visit, {
      title: 'Flags',
      section: 'flags',
      children: (
        <FlagsPage
          flags={matching.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)}
          total={matching.length}
          page={page}
          pages={pages}
          tags={[...new Set(all.flatMap(({ tags }) => tags))].toSorted()}
          stale={stale}
          query={query}
          who={visit.who}
          links={this.pages.links}
          now={this.engine.now()}
        />
      ),
    });
  }

  @Get('new')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.#form(visit);
  }

  @Post('new')
  @Requires('operator', 'everything')
  async create(@Visiting() visit: Visit): Promise<void> {
    try {
      const input = newFlag(visit);
      const flag = await this.engine.flags.create(input, visit.author());
      this.pages.done(visit, {
        message: `Flag '${flag.key}' is there.`,
        undo: [flag.revision],
        back: `flags/${encodePathKey(flag.key)}`,
        leave: true,
      });
    } catch (error) {
      if (!(error instanceof ValidationError || error instanceof AlreadyExistsError || error instanceof AnswerError)) throw error;
      this.#form(visit, error.message);
    }
  }

  #form(visit: Visit, error?: string): void {
    const value = (name: string) => visit.field(name);
    this.pages.dialog(
      visit,
      'flags',
      {
        title: 'New flag',
        note: 'It begins switched off: nobody sees anything new until it is switched on.',
        action: 'flags/new',
        submit: 'Create flag',
        back: 'flags',
        error,
        children: (
          <>
            <TextField
              name="key"
              label="Key"
              value={value('key')}
              required
              placeholder="new-checkout"
              hint="What the code asks for. It cannot be changed later."
            />
            <TextField name="name" label="Name" value={value('name')} placeholder="New checkout" />
            <SelectField
              name="type"
              label="Type"
              value={value('type')}
              choices={FLAG_TYPES.map((type) => ({ value: type, text: type }))}
            />
            <TextArea
              name="variations"
              label="Variations"
              value={value('variations')}
              rows={3}
              code
              placeholder={'on = true\noff = false'}
              hint="One a line: name = value. Empty = on and off, for a boolean flag. The first is what everybody gets while it is on, the last while it is off."
            />
            <TextField name="tags" label="Tags" value={value('tags')} placeholder="checkout, web" />
            <Check
              name="temporary"
              label="Temporary: meant to leave the code one day"
              checked={!visit.form.has('key') || value('temporary') === 'yes'}
            />
          </>
        ),
      },
      error === undefined ? 200 : 422,
    );
  }
}

function queryOf(visit: Visit): FlagQuery {
  return {
    search: visit.query('q').slice(0, 200),
    type: visit.query('type'),
    status: visit.query('status'),
    tag: visit.query('tag'),
    stale: visit.query('stale') === 'yes',
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
