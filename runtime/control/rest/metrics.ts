// The row for metrics. Prometheus says with its Accept header which format it reads.

import * as v from 'valibot'
import { metrics } from '../operations/metrics.ts'
import { queryWords } from './query.ts'
import { row } from './row.ts'

const NAMES = ['kahi', 'supervisord'] as const

/** Rows for metrics. */
export const metricRows = {
  'GET /metrics': row({
    access: 'metrics',
    operation: metrics,
    query: v.strictObject({
      names: queryWords(NAMES, 'Which names, with commas between them; `kahi` without it'),
    }),
    answer: 'metrics',
    run: ({ controlled, query, accept, room }) => {
      const wanted = NAMES.filter((name) => query.names.includes(name))
      const format = accept.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus'
      return metrics.run(controlled, { names: wanted.length === 0 ? ['kahi'] : wanted, format, room })
    },
  }),
}
