/** Parses untrusted YAML with a limit on its depth: the library recurses and would overflow the stack. */
import {
  Composer,
  type Document,
  isScalar,
  Lexer,
  type LineCounter,
  Parser,
  visit,
  YAMLParseError,
} from 'yaml';

/** Kubernetes manifests nest about 20 levels. The parser's stack has two entries per level, and some for the document. */
const deepestYaml = 100;
const tokensPerLevel = 2;

/** Many indicators, tags or anchors in a row (`- - - a`): the library recurses, or needs quadratic time for them. */
const manyIndicators = new RegExp(`(?:(?:[-?:]|[!&][^\\s,[\\]{}]*)[ \\t]+){${deepestYaml}}`);

/**
 * The documents of a text, one by one. A syntax error is in `errors` of its document. The caller limits the length of the
 * text and the number of documents.
 * @throws RangeError if it nests deeper than 100 levels
 */
export function* documentsOf(text: string, lines: LineCounter): Generator<Document.Parsed> {
  const composer = new Composer({
    ...{ lineCounter: lines, prettyErrors: false, logLevel: 'silent' },
    // The library would compare each key with all others of its map. `findDuplicates` needs linear time.
    uniqueKeys: false,
  });
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  for (const document of composer.compose(tokensOf(parser, text), false, text.length)) {
    if (document.errors.length === 0) findDuplicates(document);
    yield document;
  }
}

/** Adds an error to the document for each duplicate key of a map. */
function findDuplicates(document: Document.Parsed): void {
  visit(document, {
    Map(_, { items }) {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const [at = 0, end = at] = key.range ?? [];
        if (known.has(key.value))
          document.errors.push(new YAMLParseError([at, end], 'DUPLICATE_KEY', 'Map keys must be unique'));
        known.add(key.value);
      }
    },
  });
}

function* tokensOf(parser: Parser, text: string): ReturnType<Parser['parse']> {
  const tooDeep = `YAML nested deeper than ${deepestYaml} levels, the most that realmem reads`;
  if (manyIndicators.test(text)) throw new RangeError(tooDeep);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > tokensPerLevel * deepestYaml) throw new RangeError(tooDeep);
  }
  yield* parser.end();
}
