import ts from 'typescript';

/** One call of `pipe`, and where it stands. */
export interface Pipeline {
  /** The file and the function, and which of those in it: `src/fetch/fetchLoop.ts fetchRound`, `… ask 2`. Lines do not matter. */
  readonly name: string;
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
  /** By the names of the functions that make them. */
  readonly operators: readonly string[];
  /** Where the text of each operator begins and ends. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

/** All pipelines in the text of a file, in order. */
export function pipelinesOf(file: string, text: string): readonly Pipeline[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const found: Pipeline[] = [];
  const counts = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (isPipe(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.arguments[0]?.getStart(source) ?? node.end);
      const place = `${file} ${placeOf(node)}`;
      const count = (counts.get(place) ?? 0) + 1;
      counts.set(place, count);
      found.push({
        name: count === 1 ? place : `${place} ${String(count)}`,
        file,
        line: line + 1,
        operators: numbered(node.arguments.map((argument) => operatorOf(argument, source))),
        places: node.arguments.map((argument) => ({ start: argument.getStart(source), end: argument.end })),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isPipe(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node) || node.arguments.length === 0) return false;
  const { expression } = node;
  const called = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return ts.isIdentifier(called) && called.text === 'pipe';
}

/** The function around it that has a name. A pipeline in none is made when its file is loaded, and cannot be changed any more. */
function placeOf(node: ts.Node): string {
  let inFunction = false;
  for (let at: ts.Node = node.parent; !ts.isSourceFile(at); at = at.parent) {
    inFunction ||= ts.isFunctionLike(at) || ts.isPropertyDeclaration(at);
    const name = nameOf(at);
    if (inFunction && name !== undefined) return name;
  }
  if (inFunction) return 'default';
  throw new RangeError(`${node.getSourceFile().fileName}: a pipeline outside of all functions: ${node.getText()}`);
}

/** Of a function, a method, a class, or a constant that is a function. */
function nameOf(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isClassDeclaration(node)) {
    return node.name?.getText();
  }
  if (!ts.isVariableDeclaration(node) && !ts.isPropertyAssignment(node)) return undefined;
  return node.initializer !== undefined && ts.isFunctionLike(node.initializer) ? node.name.getText() : undefined;
}

function operatorOf(argument: ts.Expression, source: ts.SourceFile): string {
  if (ts.isCallExpression(argument)) return argument.expression.getText(source);
  if (ts.isFunctionLike(argument)) return 'a function';
  return argument.getText(source).replace(/\s+/g, ' ');
}

/** `tap, map, tap` are `tap, map, tap 2`. */
function numbered(names: readonly string[]): readonly string[] {
  return names.map((name, index) => {
    const before = names.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} ${String(before + 1)}`;
  });
}
