import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { WaygateEngine } from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig } from './config/admin-config.js';
import { AuditController } from './audit/audit.controller.js';
import { ChangesController } from './changes/changes.controller.js';
import { AuditReader } from './audit/audit-reader.js';
import { AccessGuard } from './auth/access.guard.js';
import { AuthController, SessionController } from './auth/auth.controller.js';
import { Authentication } from './auth/authentication.js';
import { KnownHosts } from './auth/known-hosts.js';
import { SessionTokens } from './auth/session-tokens.js';
import { SignIn } from './auth/sign-in.js';
import { SignInLimits } from './auth/sign-in-limits.js';
import { DASHBOARD_CONTROLLERS, DASHBOARD_PROVIDERS } from './dashboard/dashboard.js';
import { EventStreams } from './events/event-streams.js';
import { EventsController } from './events/events.controller.js';
import { EvaluationStreams } from './flags/evaluation-streams.js';
import { FlagsController } from './flags/flags.controller.js';
import { SegmentsController } from './flags/segments.controller.js';
import { ExplainController } from './explain/explain.controller.js';
import { HealthController } from './health/health.controller.js';
import { BodyReader, IS_KNOWN_CALLER, type IsKnownCaller } from './http/body.js';
import { EndpointRegistry } from './http/endpoint-registry.js';
import { ErrorFilter } from './http/error.filter.js';
import { RevisionInterceptor } from './http/revision.interceptor.js';
import { SecurityHeaders } from './http/security-headers.js';
import { UnknownEndpointController, UnknownPathController } from './http/unknown-path.controller.js';
import { MaintenanceController } from './maintenance/maintenance.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { WaygateMetrics } from './metrics/waygate-metrics.js';
import { KnownNames } from './names/known-names.js';
import { NamesInterceptor } from './names/names.interceptor.js';
import { GlobalRateLimitController, ServiceRateLimitController } from './rate-limits/limit-scopes.controller.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OfrepCors } from './ofrep/ofrep-cors.js';
import { OfrepController } from './ofrep/ofrep.controller.js';
import { OfrepStreams } from './ofrep/ofrep-streams.js';
import { RateLimitsController } from './rate-limits/rate-limits.controller.js';
import { RevisionsController } from './revisions/revisions.controller.js';
import { RoutesController } from './routes/routes.controller.js';
import { ScheduleController } from './schedule/schedule.controller.js';
import { SdkRoutes } from './sdk/sdk-routes.js';
import { SdkController } from './sdk/sdk.controller.js';
import { StateController } from './state/state.controller.js';
import { StatsController } from './stats/stats.controller.js';
import { Images } from './sync/images.js';
import { IncomingChanges } from './sync/incoming-changes.js';
import { InstancesController } from './sync/instances.controller.js';
import { Instances } from './sync/instances.js';
import { RecordStreams } from './sync/record-streams.js';
import { SyncController } from './sync/sync.controller.js';
import { TokensController } from './tokens/tokens.controller.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** Root module of the admin's own Nest application. One resource a controller; a new one is listed here and nowhere else. */
@Module({})
export class AdminApiModule implements NestModule {
  static register(engine: WaygateEngine, config: AdminConfig): DynamicModule {
    return {
      module: AdminApiModule,
      imports: [DiscoveryModule],
      controllers: [
        AuthController,
        SessionController,
        OidcController,
        ChangesController,
        RoutesController,
        MaintenanceController,
        RateLimitsController,
        GlobalRateLimitController,
        ServiceRateLimitController,
        AuditController,
        RevisionsController,
        SdkController,
        SyncController,
        InstancesController,
        EventsController,
        ScheduleController,
        StatsController,
        ExplainController,
        TokensController,
        FlagsController,
        SegmentsController,
        OfrepController,
        WebhooksController,
        HealthController,
        StateController,
        MetricsController,
        OpenApiController,
        UnknownEndpointController,
        ...(config.dashboard ? DASHBOARD_CONTROLLERS : []),
        UnknownPathController,
      ],
      providers: [
        { provide: WaygateEngine, useValue: engine },
        { provide: ADMIN_CONFIG, useValue: config },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_INTERCEPTOR, useClass: RevisionInterceptor },
        { provide: APP_INTERCEPTOR, useClass: NamesInterceptor },
        {
          provide: IS_KNOWN_CALLER,
          useFactory:
            (authentication: Authentication): IsKnownCaller =>
            (request) =>
              authentication.identify(request) !== null,
          inject: [Authentication],
        },
        KnownNames,
        SessionTokens,
        SignInLimits,
        SignIn,
        Authentication,
        KnownHosts,
        OidcProvider,
        EndpointRegistry,
        AuditReader,
        SdkRoutes,
        EventStreams,
        EvaluationStreams,
        OfrepStreams,
        WaygateMetrics,
        RecordStreams,
        Images,
        IncomingChanges,
        Instances,
        ...(config.dashboard ? DASHBOARD_PROVIDERS : []),
      ],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(SecurityHeaders, OfrepCors, BodyReader).forRoutes('{*path}');
  }
}
