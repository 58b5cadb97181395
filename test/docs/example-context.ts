import { Controller, Get, Module, Param, Post, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryBackend, WaygateEngine, WaygateModule } from '@waygate/nestjs';

/** Values that examples of doc comments use without making them. The names are listed in scripts/doc-examples.mjs too. */
export interface ExampleContext {
  /** An app with a few routes that imports `WaygateModule`. It is not initialized, unless the example uses `engine` or `url` as well. */
  readonly app: INestApplication;
  /** The engine of that app, open. */
  readonly engine: WaygateEngine;
  /** Where that app listens, without a slash at the end. */
  readonly url: string;
}

@Controller()
class ShopController {
  @Get('payments') payments(): object {
    return {};
  }

  @Get('payments/:id') payment(@Param('id') id: string): object {
    return { id };
  }

  @Get('orders') orders(): object[] {
    return [];
  }

  @Post('orders') order(): object {
    return {};
  }
}

/** Runs `example` with what it uses, then boots the classes it declared, so that mistakes found at boot fail too. */
export async function runExample(
  uses: readonly (keyof ExampleContext)[],
  example: (context: ExampleContext) => Promise<unknown[]>,
): Promise<void> {
  const app = await NestFactory.create(moduleOf([ShopController]), { logger: false });
  try {
    if (uses.includes('engine')) await app.init();
    if (uses.includes('url')) await app.listen(0, '127.0.0.1');
    const url = uses.includes('url') ? await app.getUrl() : '';
    const classes = await example({ app, engine: app.get(WaygateEngine), url });
    if (classes.length > 0) await boot(classes.filter((each): each is Type => typeof each === 'function'));
    await app.init();
  } finally {
    await app.close();
  }
}

async function boot(classes: readonly Type[]): Promise<void> {
  const root = classes.find(({ name }) => name === 'AppModule') ?? moduleOf(classes);
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  await app.init();
  await app.close();
}

@Module({})
class ExampleModule {}

/** A module of an app with Waygate and these controllers, providers and modules. */
function moduleOf(classes: readonly Type[]): DynamicModule {
  const has = (key: string) => (each: Type) => Reflect.hasMetadata(key, each);
  const listed = (key: string) => (each: Type) => (Reflect.getMetadata(key, each) ?? []) as readonly unknown[];
  const modules = classes.filter((each) => has('imports')(each) || has('providers')(each));
  const owned = new Set([...modules.flatMap(listed('controllers')), ...modules.flatMap(listed('providers'))]);
  const free = classes.filter((each) => !owned.has(each));
  return {
    module: ExampleModule,
    imports: [WaygateModule.forRoot({ backend: new MemoryBackend(), environment: 'dev' }), ...modules],
    controllers: free.filter(has('path')),
    providers: free.filter((each) => has('__injectable__')(each) && !has('path')(each)),
  };
}
