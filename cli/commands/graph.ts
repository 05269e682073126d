// `kahi graph`: shows the dependencies of a configuration.

import { type Arguments, type Command, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { withConfig } from '../graph/load.ts'
import { describeGraph, type GraphModel } from '../graph/model.ts'
import { asDot, asMermaid, asText } from '../graph/render.ts'
import { asSvg } from '../graph/svg.ts'
import { print } from '../print.ts'

const FORMATS: Readonly<Record<string, (graph: GraphModel) => string>> = {
  text: asText,
  dot: asDot,
  mermaid: asMermaid,
  json: (graph) => JSON.stringify(graph, null, 2),
  svg: asSvg,
}

/** Shows the dependencies of a configuration. */
export const graphCommand: Command = {
  name: 'graph',
  usage: '[--format text|dot|mermaid|json|svg] [FILE]',
  summary: 'Show the dependencies of programs and oneshots',
  options: {
    format: { type: 'string', choices: Object.keys(FORMATS), default: 'text', summary: 'Output format' },
  },
  positionals: [
    {
      name: 'file',
      summary: 'A kahi.toml, or anything that kahi migrate reads; by default the kahi.toml that is found',
      required: false,
    },
  ],
  examples: [
    ['kahi graph kahi.toml', 'a line each'],
    ['kahi graph --format svg kahi.toml >graph.svg', 'a picture'],
  ],
  run: async (args: Arguments) =>
    withConfig(textOf(args, 'file'), (config) => {
      const format = FORMATS[textOf(args, 'format') ?? 'text'] ?? asText
      print(format(describeGraph(config)))
      return EXIT.ok
    }),
}
