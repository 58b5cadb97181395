import type { Provider, Type } from '@nestjs/common';
import { Activity } from './activity/activity.js';
import { AssetStore } from './assets/asset-store.js';
import { AssetsController } from './assets/assets.controller.js';
import { AuditPages } from './audit/audit.controller.js';
import { LiveController } from './live/live.controller.js';
import { LiveStreams } from './live/live-streams.js';
import { MaintenancePages } from './maintenance/maintenance.controller.js';
import { Pages } from './page/pages.js';
import { ThemeController } from './page/theme.controller.js';
import { RoutePages } from './routes/routes.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';

/** Every page there is. */
export const DASHBOARD_CONTROLLERS: readonly Type[] = [
  SignInController,
  AssetsController,
  ThemeController,
  LiveController,
  RoutePages,
  MaintenancePages,
  AuditPages,
];

export const DASHBOARD_PROVIDERS: readonly Provider[] = [AssetStore, Pages, LiveStreams, Activity];
