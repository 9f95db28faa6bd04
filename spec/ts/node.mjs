// node.mjs -- runs a piece of TypeScript in Node, and says what it gave out.
//
// The same as spec/support/typescript.lua does with the translator: `out(x)` collects the JSON of
// x with marks for what JSON lacks; the end of a piece that throws is a line "THREW message".
import ts from "typescript";

const SPECIAL = new Map([[Infinity, "$Infinity"], [-Infinity, "$-Infinity"]]);

function show(_key, value) {
    if (value === undefined) return "$undef";
    if (typeof value === "function") return "$fn";
    if (Number.isNaN(value)) return "$NaN";
    return SPECIAL.get(value) ?? value;
}

/** JavaScript without types; enums and parameter properties become code. */
export function strip(code) {
    const { outputText } = ts.transpileModule(code, {
        compilerOptions: {
            target: ts.ScriptTarget.ES2022,
            module: ts.ModuleKind.ESNext,
            useDefineForClassFields: true,
            verbatimModuleSyntax: false,
            removeComments: false,
        },
    });
    return outputText;
}

/**
 * Runs a piece as the body of an async function; resolves to the lines it gave out. A piece of
 * plain JavaScript is run as it is.
 */
export async function run(code, isPlain = false) {
    const lines = [];
    const out = (value) => void lines.push(JSON.stringify(value, show) ?? "$undef");
    const text = `async function run(out) {${code}\n}`;
    const body = isPlain ? text : strip(text);
    try {
        await new Function(`"use strict";${body}\nreturn run;`)()(out);
    } catch (problem) {
        lines.push("THREW " + (problem instanceof Error ? problem.message : String(problem)));
    }
    return lines;
}
