import type { Provider, Type } from '@nestjs/common';
import { Activity } from './activity/activity.js';
import { AssetStore } from './assets/asset-store.js';
import { AssetsController } from './assets/assets.controller.js';
import { AuditPages } from './audit/audit.controller.js';
import { FlagActionPages } from './flags/flag-actions.controller.js';
import { FlagPageController } from './flags/flag.controller.js';
import { FlagPages } from './flags/flags.controller.js';
import { LiveController } from './live/live.controller.js';
import { LiveStreams } from './live/live-streams.js';
import { MaintenancePages } from './maintenance/maintenance.controller.js';
import { OverviewPages } from './overview/overview.controller.js';
import { MissingPageController } from './page/missing-page.controller.js';
import { Forms } from './page/forms.js';
import { Pages } from './page/pages.js';
import { ThemeController } from './page/theme.controller.js';
import { PalettePages } from './palette/palette.controller.js';
import { PlaygroundPages } from './playground/playground.controller.js';
import { BlockedPages } from './rate-limits/blocked.controller.js';
import { RateLimitPages } from './rate-limits/rate-limits.controller.js';
import { RouteLimitPages } from './rate-limits/route-limits.controller.js';
import { ScopeLimitPages } from './rate-limits/scope-limits.controller.js';
import { ChangeRoutesController } from './routes/change-routes.controller.js';
import { RoutePages } from './routes/routes.controller.js';
import { SegmentPages } from './segments/segments.controller.js';
import { ServicePages } from './services/services.controller.js';
import { SettingsPages } from './settings/settings.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { WebhookPages } from './webhooks/webhooks.controller.js';

/** Every page there is. */
export const DASHBOARD_CONTROLLERS: readonly Type[] = [
  SignInController,
  AssetsController,
  ThemeController,
  LiveController,
  OverviewPages,
  PalettePages,
  ChangeRoutesController,
  RoutePages,
  MaintenancePages,
  AuditPages,
  RateLimitPages,
  RouteLimitPages,
  ScopeLimitPages,
  BlockedPages,
  FlagPages,
  FlagPageController,
  FlagActionPages,
  SegmentPages,
  PlaygroundPages,
  WebhookPages,
  ServicePages,
  SettingsPages,
  MissingPageController,
];

export const DASHBOARD_PROVIDERS: readonly Provider[] = [AssetStore, Pages, Forms, LiveStreams, Activity];
