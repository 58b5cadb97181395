import { Module } from '@nestjs/common';
import { WaygateModule, type WebhookFormatter } from '@waygate/nestjs';
import { Arrivals } from './arrivals.js';
import { PageController } from './page.controller.js';
import { PaymentsController } from './payments.controller.js';
import { ReceiversController } from './receivers.controller.js';
import { PORT, SECRET } from './settings.js';

const pager: WebhookFormatter = ({ event, path, reason, actor }) => ({
  summary: `${event} ${path} by ${actor}`,
  details: reason,
});

const receivers = `http://127.0.0.1:${PORT}/receivers`;

@Module({
  imports: [
    WaygateModule.forRoot({
      webhooks: {
        formatters: { pager },
        declared: [
          { name: 'generic', url: `${receivers}/generic`, secret: SECRET },
          { name: 'chat', url: `${receivers}/slack`, formatter: 'slack' },
          { name: 'pager', url: `${receivers}/custom`, formatter: 'pager', events: ['disable', 'maintenance_*'] },
        ],
        // Webhooks go to public addresses by https, unless it is said otherwise.
        allow: ['127.0.0.1'],
      },
    }),
  ],
  controllers: [PageController, PaymentsController, ReceiversController],
  providers: [Arrivals],
})
export class AppModule {}
