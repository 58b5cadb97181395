// A service of a fleet: a Nest app with WaygateSdkModule, told what to do by the test over IPC.
import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WaygateEngine } from '@waygate/nestjs';
import { WaygateSdkModule } from '@waygate/nestjs/sdk';

const options = JSON.parse(process.env.SDK_OPTIONS ?? '{}');

class ItemsController {
  items() {
    return { ok: true };
  }
  payments() {
    return { ok: true };
  }
}
const get = (path, name) =>
  Get(path)(ItemsController.prototype, name, Object.getOwnPropertyDescriptor(ItemsController.prototype, name));
get('items', 'items');
get('payments', 'payments');
Controller()(ItemsController);

class AppModule {}
const began = performance.now();
const app = await NestFactory.create(
  { module: AppModule, imports: [WaygateSdkModule.forRoot(options)], controllers: [ItemsController] },
  { logger: ['fatal'], abortOnError: false },
);
await app.listen(0, '127.0.0.1');
const engine = app.get(WaygateEngine);

/** Each change of what a route is decided as, and when it was noticed. */
let known = 'allow';
engine.events.on('change', () => {
  const outcome = engine.decide('GET:/items').outcome;
  if (outcome !== known) process.send({ decided: outcome, at: Date.now() });
  known = outcome;
});
engine.events.on('health', (health) => process.send({ health, at: Date.now() }));
const answer = async ({ id, method, args }) => {
  try {
    const target = method
      .split('.')
      .slice(0, -1)
      .reduce((object, name) => object[name], engine);
    const value = target[method.split('.').at(-1)];
    process.send({ id, result: typeof value === 'function' ? await value.apply(target, args) : value });
  } catch (error) {
    process.send({ id, error: { name: error.name, message: error.message } });
  }
};
process.on('message', (message) => void answer(message));
process.on('disconnect', () => process.exit(0));
process.send({ ready: { port: app.getHttpServer().address().port, bootMs: performance.now() - began, health: engine.health } });
