import { Controller, Get, Param, Query } from '@nestjs/common';
import { WaygateEngine } from '@waygate/nestjs';

@Controller()
export class ShopController {
  constructor(private readonly engine: WaygateEngine) {}

  /** What one user gets; `?plan=pro` and `?email=…` are attributes. */
  @Get('shop/:user')
  shop(@Param('user') user: string, @Query() attributes: Record<string, string>) {
    const context = { ...attributes, targetingKey: user };
    const { flags } = this.engine.sync;
    return {
      newCheckout: flags.boolean('new-checkout', false, context),
      oneClick: flags.boolean('one-click', false, context),
      theme: flags.string('theme', 'light', context),
      pageSize: flags.number('page-size', 20, context),
      discount: flags.number('discount', 0, context),
      banner: flags.object('banner', {}, context),
    };
  }

  /** Why a user gets what it gets. */
  @Get('why/:flag/:user')
  why(@Param('flag') flag: string, @Param('user') user: string) {
    return this.engine.flags.explain(flag, { targetingKey: user });
  }
}
