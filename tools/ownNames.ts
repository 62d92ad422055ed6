import type { Rule } from 'eslint';
import ts from 'typescript';

type Node = Rule.Node;

/** What the parser of typescript-eslint adds to the source. */
interface ParserServices {
  readonly program: ts.Program;
  getTypeAtLocation(node: unknown): ts.Type;
}

/** A lint rule of our own, see `eslint.config.mjs`: no index by a text, and no `in` with one. */
export const ownNames: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      index:
        'A name from elsewhere may be "constructor" or "__proto__": use getOwn or setOwn of src/ownMember.ts, or a Map.',
      in: '"in" finds what objects inherit, too: use Object.hasOwn.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices as ParserServices;
    const checker = services.program.getTypeChecker();
    const isForeign = (name: Node): boolean =>
      !isFixed(name) && isAnyText(services.getTypeAtLocation(name), checker);
    return {
      'MemberExpression[computed=true]'(node: Node & { type: 'MemberExpression' }) {
        if (isForeign(node.property as Node)) context.report({ node, messageId: 'index' });
      },
      "BinaryExpression[operator='in']"(node: Node & { type: 'BinaryExpression' }) {
        if (isForeign(node.left as Node)) context.report({ node, messageId: 'in' });
      },
    };
  },
};

/** A literal, or a template with text of its own: nothing that objects inherit is called so. */
function isFixed(name: Node): boolean {
  if (name.type === 'TemplateLiteral') return name.quasis.some(({ value }) => value.raw !== '');
  return name.type === 'Literal';
}

function isAnyText(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.isUnionOrIntersection()) return type.types.some((part) => isAnyText(part, checker));
  if ((type.flags & ts.TypeFlags.TypeParameter) !== 0) {
    const constraint = checker.getBaseConstraintOfType(type);
    return constraint !== undefined && isAnyText(constraint, checker);
  }
  const open = ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral | ts.TypeFlags.Any | ts.TypeFlags.Unknown;
  return (type.flags & open) !== 0;
}
