// Rules for the browser's scripts. They run on other people's pages, so the first concern is that
// no text ever becomes markup or code.
import js from "@eslint/js";
import noUnsanitized from "eslint-plugin-no-unsanitized";
import globals from "globals";

const markup = "text never becomes markup: use textContent and <template>";

/** Ways from a string to markup or code; a property of this name is refused on any object. */
const toMarkup = [
  "innerHTML",
  "outerHTML",
  "insertAdjacentHTML",
  "setHTML",
  "setHTMLUnsafe",
  "parseHTMLUnsafe",
  "createContextualFragment",
  "parseFromString",
  "srcdoc",
].map((property) => ({ property, message: markup }));

export default [
  js.configs.recommended,
  noUnsanitized.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "script",
      globals: globals.browser,
    },
    rules: {
      // Safety.
      "no-restricted-properties": [
        "error",
        ...toMarkup,
        { object: "document", property: "write", message: markup },
        { object: "document", property: "writeln", message: markup },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.property.name='setAttribute'] > Literal[value=/^(style|on.+|srcdoc)$/i]:first-child",
          message: "the content security policy refuses inline style and handlers: use a class or addEventListener",
        },
      ],
      "no-restricted-globals": ["error", "alert", "confirm", "prompt", "event", "name", "status"],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-extend-native": "error",
      "no-implicit-globals": ["error", { lexicalBindings: false }],

      // Mistakes.
      "array-callback-return": "error",
      "default-case-last": "error",
      "eqeqeq": "error",
      "no-console": ["error", { allow: ["warn", "error"] }],
      "no-constructor-return": "error",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unused-expressions": "error",
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "prefer-promise-reject-errors": "error",

      // Shape.
      "complexity": ["error", 12],
      "max-depth": ["error", 3],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 4],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
];
