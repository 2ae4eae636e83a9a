import assert from "node:assert/strict";
import { Template } from "./template.ts";
import { headerFunctions } from "./template_functions.ts";

const gives = "gives", fails = "fails";

const data = {
  Id: "abc",
  X: new Map<string, unknown>(Object.entries({
    s: "hello world",
    n: 5,
    f: 1.5,
    t: true,
    z: false,
    nil: null,
    e: "",
    l: ["a", "b", "c"],
    m: new Map([["b", "2"], ["a", "1"]]),
    o: new Map([["k", new Map([["d", [1, 2]]])]]),
  })),
};

// What `docker inspect --format` (28.2.2) made of these templates and the same data.
const rows: readonly [template: string, outcome: string, text: string][] = [
  [
    "{{.X}}",
    gives,
    "map[e: f:1.5 l:[a b c] m:map[a:1 b:2] n:5 nil:<nil> o:map[k:map[d:[1 2]]] s:hello world t:true z:false]",
  ],
  ["{{.X.s}}", gives, "hello world"],
  ["{{.X.l}}", gives, "[a b c]"],
  ["{{.X.m}}", gives, "map[a:1 b:2]"],
  ["{{.X.o.k.d}}", gives, "[1 2]"],
  ["{{.X.nil}}", gives, "<nil>"],
  ["{{.Nope}}", fails, 'template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"'],
  ["{{.X.s", fails, "template: :1: unclosed action"],
  ["{{}}", fails, "template: :1: missing value for command"],
  ["{{foo .X}}", fails, 'template: :1: function "foo" not defined'],
  ["{{if .X.t}}y{{else}}n{{end}}", gives, "y"],
  ["{{if .X.z}}y{{else if .X.e}}e{{else}}n{{end}}", gives, "n"],
  ["{{if .X}}", fails, "template: :1: unexpected EOF"],
  ["{{end}}", fails, "template: :1: unexpected {{end}}"],
  ["{{range .X.l}}<{{.}}>{{end}}", gives, "<a><b><c>"],
  ["{{range $i, $v := .X.l}}{{$i}}={{$v}},{{end}}", gives, "0=a,1=b,2=c,"],
  ["{{range $k, $v := .X.m}}{{$k}}={{$v}},{{end}}", gives, "a=1,b=2,"],
  ["{{with .X.o}}{{.k}}{{end}}", gives, "map[d:[1 2]]"],
  ["{{with $y := .X.s}}{{$y}}{{end}}", gives, "hello world"],
  ["{{$y}}", fails, 'template: :1: undefined variable "$y"'],
  ["{{index .X.l 1}}", gives, "b"],
  [
    "{{index .X.l 9}}",
    fails,
    'template: :1:2: executing "" at <index .X.l 9>: error calling index: index out of range: 9',
  ],
  ['{{index .X.m "a"}}', gives, "1"],
  ['{{index .X "o" "k" "d" 1}}', gives, "2"],
  ["{{slice .X.s 1 3}}", gives, "el"],
  ["{{len .X.l}}", gives, "3"],
  ['{{.X.s | upper | printf "%q"}}', gives, '"HELLO WORLD"'],
  ['{{printf "%-8s|%5s|%.3s" .X.s "b" "abcdef"}}', gives, "hello world|    b|abc"],
  ['{{printf "%d %v" 3 .X.l}}', gives, "3 [a b c]"],
  ['{{printf "%d" "x"}}', gives, "%!d(string=x)"],
  ['{{printf "%s" 1}}', gives, "%!s(int=1)"],
  ['{{printf "%s"}}', gives, "%!s(MISSING)"],
  ['{{printf "a" 1 2}}', gives, "a%!(EXTRA int=1, int=2)"],
  ['{{eq .X.s "hello world"}}', gives, "true"],
  ["{{eq 1 2 1}}", gives, "true"],
  ["{{ne 1 2}}", gives, "true"],
  ['{{lt 1 2}} {{ge "a" "b"}}', gives, "true false"],
  [
    '{{eq 1 "a"}}',
    fails,
    'template: :1:2: executing "" at <eq 1 "a">: error calling eq: incompatible types for comparison',
  ],
  ["{{and .X.t .X.s}} {{or .X.z .X.s}} {{not .X.t}}", gives, "hello world hello world false"],
  ['{{split .X.s " "}}', gives, "[hello world]"],
  ["{{title .X.s}}", gives, "Hello World"],
  ["{{pad .X.s 2 3}}|", gives, "  hello world   |"],
  ["{{truncate .X.s 3}}", gives, "hel"],
  ["a {{- .X.s -}} b", gives, "ahello worldb"],
  ["{{/* c */}}x", gives, "x"],
  ["{{- /* c */ -}} x", gives, "x"],
  ['{{print 1 2 "a" "b" 3}}', gives, "1 2ab3"],
  ['{{println 1 "a"}}', gives, "1 a\n"],
  ["{{(index .X.l 0)}}", gives, "a"],
  ["{{.X.s.foo}}", fails, 'template: :1:4: executing "" at <.X.s.foo>: can\'t evaluate field foo in type interface {}'],
  ["{{.X.s 1}}", fails, 'template: :1:4: executing "" at <.X.s>: s is not a method but has arguments'],
  ["{{$.Id}}", gives, "abc"],
  ["{{$a := 1}}{{if true}}{{$a = 2}}{{end}}{{$a}}", gives, "2"],
  ['{{range .X.l}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', gives, "a"],
  ['{{range .X.l}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}', gives, "ac"],
  ["{{break}}", fails, "template: :1: {{break}} outside {{range}}"],
  ["{{true}} {{1.5}} {{0x10}} {{'a'}} {{`r\\n`}} {{\"\\t\\u00e9\"}}", gives, "true 1.5 16 97 r\\n \té"],
  ["{{nil}}", fails, 'template: :1:2: executing "" at <nil>: nil is not a command'],
  ["{{split .X.s}}", fails, 'template: :1:2: executing "" at <split>: wrong number of args for split: want 2 got 1'],
  ["{{json}}", fails, 'template: :1:2: executing "" at <json>: wrong number of args for json: want 1 got 0'],
  [
    "{{.X.o.k.d.e}}",
    fails,
    'template: :1:4: executing "" at <.X.o.k.d.e>: can\'t evaluate field e in type interface {}',
  ],
  ["{{range .X.s}}{{end}}", fails, 'template: :1:10: executing "" at <.X.s>: range can\'t iterate over hello world'],
  ["{{if}}x{{end}}", fails, "template: :1: missing value for if"],
  ["{{else}}", fails, "template: :1: unexpected {{else}}"],
  ["{{if true}}{{else}}{{else}}{{end}}", fails, "template: :1: expected end; found {{else}}"],
  ['{{"abc}}', fails, "template: :1: unterminated quoted string"],
  ["{{@}}", fails, 'template: :1: unexpected "@" in command'],
  ["{{.X.}}", fails, "template: :1: unexpected <.> in operand"],
  ["{{1 .X}}", fails, 'template: :1:2: executing "" at <1>: can\'t give argument to non-function 1'],
  ["{{.X | 1}}", fails, "template: :1: non executable command in pipeline stage 2"],
  ["{{with .X.nil}}a{{else with .X.t}}b{{.}}{{end}}", gives, "btrue"],
  ["{{range .X.nil}}x{{else}}none{{end}}", gives, "none"],
  ["{{println}}", gives, "\n"],
  ['{{printf "%5.2f|%x|%X|%t|%c|%q" 3.14159 255 "hi" true 65 "a"}}', gives, ' 3.14|ff|6869|true|A|"a"'],
  ["{{.X.f}}", gives, "1.5"],
  ["{{json .X.f}}", gives, "1.5"],
  ["{{ json (index .X.l 1) }}", gives, '"b"'],
  ["{{(.X.o).k}}", gives, "map[d:[1 2]]"],
  ["\n{{.Nope}}", fails, 'template: :2:2: executing "" at <.Nope>: map has no entry for key "Nope"'],
  ["{{len 3}}", fails, 'template: :1:2: executing "" at <len 3>: error calling len: len of type int'],
  ["{{.X.l.foo}}", fails, 'template: :1:4: executing "" at <.X.l.foo>: can\'t evaluate field foo in type interface {}'],
  ["{{\n.X.n\n}}", gives, "5"],
  ["{{range $i, $e := .X.l}}{{if $i}}, {{end}}{{$e}}{{end}}", gives, "a, b, c"],
  ["{{range .X.n}}x{{end}}", fails, 'template: :1:10: executing "" at <.X.n>: range can\'t iterate over 5'],
  ["{{.X.s}}{{.Nope.b}}", fails, 'template: :1:15: executing "" at <.Nope.b>: map has no entry for key "Nope"'],
  ["{{ (.X.s) | upper }}", gives, "HELLO WORLD"],
  ["{{and}}", fails, 'template: :1:2: executing "" at <and>: wrong number of args for and: want at least 1 got 0'],
  ["{{print nil}}", gives, "<nil>"],
  ["{{1 | print 2}}", gives, "2 1"],
  ["{{if .X.t}}{{end}} {{$x := 1}}{{with .X.s}}{{$x}}{{end}}", gives, " 1"],
  ["{{ .X.s|upper }}", gives, "HELLO WORLD"],
  [
    "{{.X.s.upper}}",
    fails,
    'template: :1:4: executing "" at <.X.s.upper>: can\'t evaluate field upper in type interface {}',
  ],
  ['{{printf "%v %v %v" nil true .X.m}}', gives, "<nil> true map[a:1 b:2]"],
  ['{{printf "%T" .X.s}}', gives, "string"],
  ['{{ printf "%05d|%+d" 42 7 }}', gives, "00042|+7"],
  ['{{`a` | printf "%s %s" `b`}}', gives, "b a"],
];

for (const [template, outcome, text] of rows) {
  Deno.test(`${JSON.stringify(template)} ${outcome} what docker ${outcome}`, () => {
    const execute = () => new Template(template).execute(data);
    if (outcome === "gives") assert.equal(execute(), text);
    else assert.throws(execute, { message: text, class: "invalid" });
  });
}

Deno.test("a field that is a function is a method: it takes the arguments after it", () => {
  const row = { Label: (name: string) => `<${name}>` };
  assert.equal(new Template('{{.Label "a"}} {{"b" | .Label}}').execute(row), "<a> <b>");
  assert.throws(() => new Template("{{.Label}}").execute(row), /wrong number of args for Label: want 1 got 0/);
});

Deno.test("a missing field is told with the name of the type, where there is one", () => {
  const template = new Template("{{.Nope}}");
  assert.throws(() => template.execute({}, { typeName: "container" }), {
    message: 'template: :1:2: executing "" at <.Nope>: can\'t evaluate field Nope in type container',
  });
});

Deno.test("the functions for headers leave a title as it is", () => {
  const template = new Template('{{upper .A}} {{json .A}} {{truncate .A 1}} {{join .A ","}}');
  assert.equal(template.execute({ A: "Title" }, { functions: headerFunctions }), "Title Title Title Title");
});

Deno.test("a variable keeps its value for its block only, an assignment reaches out of it", () => {
  const template = new Template(
    "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}{{if true}}{{$x = 3}}{{end}}{{$x}}",
  );
  assert.equal(template.execute({}), "213");
});
