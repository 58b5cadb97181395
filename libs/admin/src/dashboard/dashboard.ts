import type { Provider, Type } from '@nestjs/common';
import { Activity } from './activity/activity.js';
import { AssetStore } from './assets/asset-store.js';
import { AssetsController } from './assets/assets.controller.js';
import { AuditPages } from './audit/audit-pages.js';
import { FlagActionPages } from './flags/flag-action-pages.js';
import { FlagPageController } from './flags/flag-page-controller.js';
import { FlagPages } from './flags/flag-pages.js';
import { LiveController } from './live/live.controller.js';
import { LiveStreams } from './live/live-streams.js';
import { MaintenancePages } from './maintenance/maintenance-pages.js';
import { OverviewPages } from './overview/overview-pages.js';
import { MissingPageController } from './page/missing-page.controller.js';
import { Forms } from './page/forms.js';
import { Pages } from './page/pages.js';
import { ThemeController } from './page/theme.controller.js';
import { BannerPages } from './maintenance/banner-pages.js';
import { PalettePages } from './palette/palette-pages.js';
import { PlaygroundPages } from './playground/playground-pages.js';
import { BlockedPages } from './rate-limits/blocked-pages.js';
import { RateLimitPages } from './rate-limits/rate-limit-pages.js';
import { RouteLimitPages } from './rate-limits/route-limits.controller.js';
import { ScopeLimitPages } from './rate-limits/scope-limit-pages.js';
import { ChangeRoutesController } from './routes/change-routes.controller.js';
import { RoutePages } from './routes/route-pages.js';
import { SegmentPages } from './segments/segment-pages.js';
import { ServicePages } from './services/service-pages.js';
import { SettingsPages } from './settings/settings-pages.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { WebhookPages } from './webhooks/webhook-pages.js';

/** Every page there is. */
export const DASHBOARD_CONTROLLERS: readonly Type[] = [
  SignInController,
  AssetsController,
  ThemeController,
  LiveController,
  OverviewPages,
  BannerPages,
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
