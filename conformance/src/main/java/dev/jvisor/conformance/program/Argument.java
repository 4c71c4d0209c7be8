// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.program;

/**
 * An argument of a step.
 *
 * @param value the constant, the index of the step, or the address of the word
 * @param text how it is printed; of no meaning for results
 */
public record Argument(Kind kind, long value, String text) {

    /** Where the value comes from. */
    public enum Kind {
        CONSTANT,
        /** The result of an earlier step. */
        RESULT,
        /** A signed 32-bit word in memory, for example a descriptor that pipe(2) stored. */
        WORD
    }

    public static Argument constant(long value) {
        boolean small = value > -10_000 && value < 10_000;
        return new Argument(
                Kind.CONSTANT,
                value,
                small ? Long.toString(value) : "0x" + Long.toHexString(value));
    }

    public static Argument constant(long value, String text) {
        return new Argument(Kind.CONSTANT, value, text);
    }

    public static Argument result(int step) {
        return new Argument(Kind.RESULT, step, "");
    }

    public static Argument word(long address, String text) {
        return new Argument(Kind.WORD, address, text);
    }

    @Override
    public String toString() {
        return kind == Kind.RESULT ? "r" + value : text;
    }
}
