// programs.mjs -- random programs that end: the same ones for the same seed.
//
// Each is a list of statements in a try of its own, which gives out the name of what it throws.
// Loops count on variables that nothing else changes.

const SMALL = "const small = (x) => typeof x === \"string\" ? x.slice(0, 40) "
    + ": typeof x === \"object\" && x !== null ? \"object\" : x;";

/** Random whole numbers below a bound. */
function dice(seed) {
    let state = seed % 2147483647 || 1;
    return (bound) => {
        state = (state * 48271) % 2147483647;
        return state % bound;
    };
}

const TEXTS = ["", "a", "bcd", "Hello, World", "é", "日本", "x😀y", "12", " 7 ", "0x1f", "null", "a,b,c"];
const NUMBERS = ["0", "1", "-1", "2.5", "7", "10", "1e21", "1e-7", "0.1", "255", "-0", "NaN", "Infinity",
    "4294967296", "123456789.125"];
const OTHERS = ["null", "undefined", "true", "false"];
const ARITHMETIC = ["+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>"];
const COMPARISON = ["<", "<=", ">", ">=", "===", "!==", "==", "!="];
const LOGIC = ["&&", "||", "??"];
const ASSIGNMENT = ["=", "+=", "-=", "*=", "||=", "&&=", "??=", "%=", "|="];

class Program {
    constructor(seed) {
        this.roll = dice(seed);
        this.names = 0;
        this.scope = []; // { name, kind: "any"|"list"|"object"|"function", isConstant }
        this.depth = 0;
        this.loops = 0;
        this.labels = [];
    }

    pick(list) {
        return list[this.roll(list.length)];
    }

    chance(percent) {
        return this.roll(100) < percent;
    }

    fresh(kind, isConstant = false) {
        const name = `v${this.names++}`;
        this.scope.push({ name, kind, isConstant });
        return name;
    }

    variable(kind) {
        const found = this.scope.filter((each) => !kind || each.kind === kind);
        return found.length > 0 ? this.pick(found).name : null;
    }

    literal() {
        const kind = this.roll(10);
        if (kind < 5) return `(${this.pick(NUMBERS)})`;
        if (kind < 8) return JSON.stringify(this.pick(TEXTS));
        return this.pick(OTHERS);
    }

    // An expression; leaves are names and literals.
    expression() {
        if (this.depth > 4 || this.chance(25)) return this.leaf();
        this.depth++;
        const made = this.compound();
        this.depth--;
        return made;
    }

    leaf() {
        const name = this.chance(60) ? this.variable("any") : null;
        return name ?? this.literal();
    }

    compound() {
        const e = () => this.expression();
        switch (this.roll(24)) {
            case 0: case 1: case 2: return `(${e()} ${this.pick(ARITHMETIC.filter((o) => o !== "**"))} ${e()})`;
            // Only what both sides compute exactly: V8's power is off in the last place at times.
            case 3: return `((Math.trunc(${e()}) % 50) ** ${this.roll(6)})`;
            case 4: case 5: return `(${e()} ${this.pick(COMPARISON)} ${e()})`;
            case 6: case 7: return `((${e()}) ${this.pick(LOGIC)} (${e()}))`;
            case 8: return `(${e()} ? ${e()} : ${e()})`;
            case 9: return `${this.pick(["!", "-", "+", "~", "typeof ", "void "])}(${e()})`;
            case 10: return "`" + `${this.pick(["", "a", "é"])}\${${e()}}-\${${e()}}` + "`";
            case 11: return this.element();
            case 12: return this.property();
            case 13: return this.call();
            case 14: return this.textMethod();
            case 15: return this.listMethod();
            case 16: return `${this.pick(["String", "Number", "Boolean", "parseInt", "parseFloat"])}(${e()})`;
            case 17: return `Math.${this.pick(["floor", "ceil", "round", "abs", "max", "min", "sign", "trunc"])}(${e()}, ${e()})`;
            case 18: return this.increment();
            case 19: return `(${e()}, ${e()})`;
            case 20: return `JSON.stringify(${this.chance(50) ? this.list() : this.object()})`;
            case 21: return this.assignmentExpression();
            case 22: return `((p = ${this.literal()}, ...q) => ${this.chance(50) ? "p" : "q.length"})(${e()}, ${e()})`;
            default: return `[${e()}, ${e()}].includes(${e()})`;
        }
    }

    element() {
        const list = this.variable("list");
        return list ? `${list}[${this.expression()}]` : this.literal();
    }

    property() {
        const object = this.variable("object");
        if (!object) return this.literal();
        const name = this.pick(["a", "b", "c", "d"]);
        return this.pick([`${object}.${name}`, `${object}["${name}"]`, `${object}?.${name}`,
            `${object}.${name}?.x`, `("${name}" in ${object})`, `(delete ${object}.${name})`]);
    }

    call() {
        const name = this.variable("function");
        return name ? `${name}(${this.expression()}, ${this.expression()})` : this.literal();
    }

    textMethod() {
        const text = `String(${this.expression()})`;
        const small = () => this.roll(7) - 2;
        return this.pick([`${text}.length`, `${text}.slice(${small()}, ${small()})`,
            `${text}.charCodeAt(${small()})`, `${text}[${small()}]`, `${text}.indexOf(${JSON.stringify(this.pick(TEXTS))})`,
            `${text}.split(${JSON.stringify(this.pick(["", ",", "l"]))}).join("|")`, `${text}.toUpperCase()`,
            `${text}.padStart(${this.roll(9)}, "*")`, `${text}.replace("l", "L$&")`, `${text}.trim()`,
            `${text}.replace(/[a-z0-9]+/g, (m) => m.length)`, `${text}.substring(${small()}, ${small()})`,
            `[...${text}].length`, `${text}.at(${small()})`, `${text}.localeCompare("b")`,
            `/^[\\w ]*$/.test(${text})`]);
    }

    listMethod() {
        const list = this.variable("list") ?? this.list();
        const e = () => this.expression();
        return this.pick([`${list}.length`, `${list}.map((x, i) => ${this.chance(50) ? "i" : "x"})`,
            `${list}.filter((x) => x).length`, `${list}.indexOf(${e()})`, `${list}.concat(${e()}).length`,
            `${list}.slice(${this.roll(4) - 2}).join()`, `${list}.reduce((s, x) => s + String(x), "")`,
            `${list}.find((x) => typeof x === "number")`, `[...${list}].reverse()`, `${list}.at(-1)`,
            `[...${list}].sort()`, `${list}.some((x) => x === null)`, `${list}.flat().length`]);
    }

    target() {
        const free = this.scope.filter((each) => each.kind === "any" && !each.isConstant);
        const choice = this.roll(4);
        if (choice === 0 && this.variable("object")) return `${this.variable("object")}.${this.pick(["a", "b", "c"])}`;
        if (choice === 1 && this.variable("list")) return `${this.variable("list")}[${this.roll(5)}]`;
        return free.length > 0 ? this.pick(free).name : null;
    }

    increment() {
        const target = this.target();
        if (!target) return this.literal();
        return this.pick([`${target}++`, `++${target}`, `${target}--`, `--${target}`]);
    }

    // What is assigned stays small, so that no loop makes a text grow without end.
    assignmentExpression() {
        const target = this.target();
        if (!target) return this.literal();
        const operator = this.pick(ASSIGNMENT);
        return `(${target} ${operator} ${operator === "+=" ? this.literal() : `small(${this.expression()})`})`;
    }

    list() {
        if (this.chance(8)) return `new Array(${this.roll(4)})`;
        const items = Array.from({ length: this.roll(4) }, () => this.expression());
        // A hole, which a spread beside it would fill.
        if (this.chance(8)) return `[${["", ...items, this.leaf()].join(", ")}]`;
        const other = this.variable("list");
        if (other && this.chance(25)) items.push(`...${other}`);
        return `[${items.join(", ")}]`;
    }

    object() {
        const items = ["a", "b", "c"].slice(0, this.roll(4)).map((name) => `${name}: ${this.expression()}`);
        const other = this.variable("object");
        if (other && this.chance(25)) items.unshift(`...${other}`);
        if (this.chance(15)) items.push(`[${JSON.stringify(this.pick(["k", "2", "1"]))}]: ${this.expression()}`);
        if (this.chance(10)) items.push(`get d() { return ${this.leaf()}; }`);
        return `{ ${items.join(", ")} }`;
    }

    // Statements.

    block(count = 1 + this.roll(3)) {
        const known = this.scope.length;
        const made = Array.from({ length: count }, () => this.statement()).join(" ");
        this.scope.length = known;
        return `{ ${made} }`;
    }

    statement() {
        this.depth++;
        const made = this.depth > 6 ? this.simple() : this.anyStatement();
        this.depth--;
        return made;
    }

    simple() {
        return `out(${this.expression()});`;
    }

    anyStatement() {
        switch (this.roll(21)) {
            case 20: return this.earlyUse();
            case 19: return this.listChange();
            case 18: return this.lateFunction();
            case 0: case 1: return this.declaration();
            case 2: { const value = this.list(); return `const ${this.fresh("list", true)} = ${value};`; }
            case 3: { const value = this.object(); return `const ${this.fresh("object", true)} = ${value};`; }
            case 4: return this.functionStatement();
            case 5: return `if (${this.expression()}) ${this.block()} else ${this.block()}`;
            case 6: case 7: return this.loop();
            case 8: return this.switchStatement();
            case 9: return this.tryStatement();
            case 10: return this.jump();
            case 11: return this.destructuring();
            case 12: return `${this.assignmentExpression()};`;
            case 13: return this.classStatement();
            case 14: return this.asyncStatement();
            case 15: return this.generatorStatement();
            default: return this.simple();
        }
    }

    declaration() {
        const value = this.expression();
        return `${this.chance(70) ? "let" : "var"} ${this.fresh("any")} = ${value};`;
    }

    functionStatement() {
        const known = this.scope.length;
        const [a, b] = [this.fresh("any"), this.fresh("any")];
        const [loops, labels] = [this.loops, this.labels];
        [this.loops, this.labels] = [0, []];
        this.functions = (this.functions ?? 0) + 1;
        const kept = this.scope.filter((each) => each.kind !== "function");
        const scope = this.scope;
        this.scope = kept; // functions call no others: every program ends
        const body = `${this.block().slice(0, -1)} return ${this.expression()}; }`;
        this.scope = scope;
        this.functions--;
        [this.loops, this.labels] = [loops, labels];
        this.scope.length = known;
        const name = this.fresh("function", true);
        return this.chance(50) ? `const ${name} = (${a}, ${b} = 3) => ${body};` : `function ${name}(${a}, ${b}) ${body}`;
    }

    // What is called before its declaration.
    lateFunction() {
        const [known, value] = [this.scope.length, this.leaf()];
        const [name, held] = [`f${this.names++}`, this.fresh("any")];
        const inner = `${this.chance(50) ? `${held} = small(p); ` : ""}return [small(p), ${held}];`;
        const made = `{ out(typeof ${name}); let ${held} = ${value}; out(${name}(${this.leaf()})); `
            + `function ${name}(p) { ${inner} } ${this.simple()} out((() => ${held})()); }`;
        this.scope.length = known;
        return made;
    }

    // What is used before its declaration may have run.
    earlyUse() {
        const [known, name] = [this.scope.length, `e${this.names++}`];
        const value = this.pick([this.leaf(), `[1].map(() => ${name})`, `(() => ${this.leaf()})()`]);
        const use = this.pick([`out(${name})`, `out(typeof ${name})`, `out(use())`, `${name} = 1`,
            `out([2].map(() => ${name}))`, `out(late())`]);
        const made = `{ const use = () => ${name}; try { if (${this.expression()}) ${use}; } `
            + `catch (e) { out(e instanceof Error ? e.message : e); } `
            + `${use.startsWith(name) ? "let" : this.pick(["let", "const"])} ${name} = ${value}; out(use()); out(late()); `
            + `function late() { return ${name}; } }`;
        this.scope.length = known;
        return made;
    }

    // Holes, and methods that move them about.
    listChange() {
        const list = this.variable("list");
        if (!list) return this.simple();
        const e = () => this.leaf();
        const change = this.pick([`delete ${list}[${this.roll(4)}]`, `${list}.length = ${this.roll(6)}`,
            `${list}[${this.roll(7)}] = ${e()}`, `${list}.push(${e()})`, `${list}.unshift(${e()})`,
            `${list}.splice(${this.roll(3)}, ${this.roll(3)}, ${e()})`, `${list}.shift()`, `${list}.pop()`,
            `${list}.reverse()`, `${list}.sort()`, `${list}.fill(${e()}, ${this.roll(3)}, ${this.roll(5)})`,
            `${list}.copyWithin(${this.roll(3)}, ${this.roll(3)})`]);
        const seen = this.pick([`Object.keys(${list})`, `${list}.map((x) => x)`, `${list}.filter(() => true)`,
            `${list}.reduce((s, x, i) => s + i, "")`, `Object.keys(${list}.slice(${this.roll(3)}))`,
            `Object.keys(${list}.concat([, 1]))`, `${list}.indexOf(undefined)`, `[${list}].flat()`,
            `${list}.some((x) => x === undefined)`, `${list}.every((x) => x !== undefined)`,
            `(${this.roll(4)} in ${list})`, `${list}.lastIndexOf(${e()})`, `[...${list}]`]);
        return `out(typeof (${change})); out(${list}.length); out(${seen}); for (const i in ${list}) out(i);`;
    }

    loop() {
        if (this.loops > 1 || this.functions > 0 && this.loops > 0) return this.simple();
        const index = `i${this.names++}`;
        const label = this.chance(20) ? `L${this.names++}` : null;
        this.loops++;
        if (label) this.labels.push(label);
        const known = this.scope.length;
        this.scope.push({ name: index, kind: "any", isConstant: true });
        const body = this.block();
        this.scope.length = known;
        if (label) this.labels.pop();
        this.loops--;
        const head = this.pick([`for (let ${index} = 0; ${index} < ${1 + this.roll(4)}; ${index}++)`,
            `for (const ${index} of ${this.list()})`, `for (const ${index} in ${this.object()})`,
            `for (const ${index} of new Set(${this.list()}))`]);
        return `${label ? label + ": " : ""}${head} ${body}`;
    }

    jump() {
        if (this.loops === 0) return this.simple();
        const label = this.labels.length > 0 && this.chance(50) ? " " + this.pick(this.labels) : "";
        return `if (${this.expression()}) ${this.pick(["break", "continue"])}${label};`;
    }

    switchStatement() {
        const cases = Array.from({ length: 1 + this.roll(3) }, () =>
            `case ${this.leaf()}: ${this.block()} ${this.chance(60) ? "break;" : ""}`);
        if (this.chance(60)) cases.splice(this.roll(cases.length + 1), 0, `default: ${this.block()}`);
        return `switch (${this.expression()}) { ${cases.join(" ")} }`;
    }

    tryStatement() {
        const thrown = this.pick([`new Error(String(${this.leaf()}))`, this.leaf(), "new TypeError(\"t\")"]);
        const maybe = this.chance(60) ? `if (${this.expression()}) throw ${thrown};` : "";
        const caught = "out(e instanceof Error ? e.name : e);";
        const end = this.chance(50) ? ` finally { ${this.simple()} }` : "";
        return `try { ${maybe} ${this.block()} } catch (e) { ${caught} }${end}`;
    }

    destructuring() {
        const [source, other] = [this.list(), this.object()];
        const names = [this.fresh("any"), this.fresh("any"), this.fresh("any")];
        const rest = this.fresh("list", true);
        return `let [${names[0]} = ${this.literal()}, , ...${rest}] = ${source}; `
            + `let { a: ${names[1]}, b: ${names[2]} = ${this.literal()} } = ${other};`;
    }

    classStatement() {
        const name = `C${this.names++}`;
        const object = this.fresh("object", true);
        this.scope.pop();
        const made = `class ${name} { a = ${this.leaf()}; #p = ${this.leaf()}; static s = 1; `
            + `constructor(x) { this.b = x; } get c() { return this.#p; } set c(v) { this.#p = v; } `
            + `m() { return [this.a, this.b]; } toString() { return "${name}"; } } `
            + `class D${name} extends ${name} { d = this.b; m() { return super.m().concat(${name}.s++); } } `
            + `const ${object} = new D${name}(${this.expression()}); out(${object}.m()); out(${object}); out(\`\${${object}}\`);`;
        this.scope.push({ name: object, kind: "object", isConstant: true });
        return made;
    }

    asyncStatement() {
        const [value, label] = [this.expression(), this.names++];
        return this.pick([
            `(async () => { out("a${label}"); await null; out(${value}); await Promise.resolve(); out("b${label}"); })();`,
            `Promise.resolve(${value}).then((x) => out(x)).finally(() => out("f${label}"));`,
            `await Promise.all([${value}, Promise.resolve(1)]).then(out);`,
            `await (async () => { try { await Promise.reject(${value}); } catch (x) { out(x); } finally { out("g${label}"); } })();`,
        ].slice(0, this.isAsync ? 4 : 2));
    }

    generatorStatement() {
        const name = `g${this.names++}`;
        return `function* ${name}() { const r = yield ${this.expression()}; out(r); try { yield* ${this.list()}; } finally { out("z"); } } `
            + `for (const x of ${name}()) { out(x); if (${this.expression()}) break; }`;
    }

    text() {
        const parts = [SMALL];
        for (let i = 0; i < 6; i++) {
            const known = this.scope.length;
            const made = this.statement();
            // What a try declares is gone behind it.
            this.scope.length = known;
            parts.push(`try { ${made} ${this.simple()} } catch (e) { out(e instanceof Error ? e.name : e); }`);
        }
        return parts.join("\n");
    }
}

/** The program of a seed. */
export function program(seed) {
    return new Program(seed).text();
}
