/** YAML from outside → documents, with a bound on its depth: the library recurses, and its errors would be the stack's. */
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

/** A manifest of Kubernetes nests some twenty levels. The parser counts two for each level, and some for the document. */
const deepestYaml = 100;
const tokensPerLevel = 2;

/** Indicators, tags and anchors one behind the other (`- - - a`): the library takes recursion or quadratic time for them. */
const manyIndicators = new RegExp(`(?:(?:[-?:]|[!&][^\\s,[\\]{}]*)[ \\t]+){${deepestYaml}}`);

/**
 * The documents of a text, one after the other, with their errors in them. The caller bounds the length of the text, and
 * how many it takes.
 * @throws RangeError where it nests deeper than 100 levels
 */
export function* documentsOf(text: string, lines: LineCounter): Generator<Document.Parsed> {
  const composer = new Composer({
    ...{ lineCounter: lines, prettyErrors: false, logLevel: 'silent' },
    // The library compares each key with every other one of its map.
    uniqueKeys: false,
  });
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  for (const document of composer.compose(tokensOf(parser, text), false, text.length)) {
    if (document.errors.length === 0) findTwice(document);
    yield document;
  }
}

/** A key that stands twice in its map becomes an error of the document. */
function findTwice(document: Document.Parsed): void {
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
  const tooDeep = `YAML nests more than ${deepestYaml} levels deep, which is all that is read`;
  if (manyIndicators.test(text)) throw new RangeError(tooDeep);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > tokensPerLevel * deepestYaml) throw new RangeError(tooDeep);
  }
  yield* parser.end();
}
