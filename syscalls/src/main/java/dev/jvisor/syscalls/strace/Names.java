// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.platform.SentryBug;

import org.jspecify.annotations.Nullable;

/**
 * Names of constants: of single values, or of flags that are ORed. Values come from the abi
 * classes.
 */
final class Names {

    private final String[] names;
    private final int[] values;
    private final String rest;

    private Names(String[] names, int[] values, String rest) {
        this.names = names;
        this.values = values;
        this.rest = rest;
    }

    /**
     * Makes a table.
     *
     * @param constants class that has them as static ints
     * @param names separated by blanks; a flag of several bits before those it contains
     */
    static Names of(Class<?> constants, String names) {
        String[] split = names.split(" ");
        int[] values = new int[split.length];
        try {
            for (int i = 0; i < split.length; i++) {
                values[i] = constants.getField(split[i]).getInt(null);
            }
        } catch (ReflectiveOperationException e) {
            throw new SentryBug("constants=" + constants.getSimpleName(), e);
        }
        int underscore = split[0].indexOf('_');
        String prefix = underscore < 0 ? split[0] : split[0].substring(0, underscore + 1);
        return new Names(split, values, prefix + "???");
    }

    /** Makes a table of what no abi class has; values are given. */
    static Names of(String names, int... values) {
        String[] split = names.split(" ");
        int underscore = split[0].indexOf('_');
        return new Names(split, values, split[0].substring(0, underscore + 1) + "???");
    }

    /** A single value: its name, or the number with a comment. */
    void value(StringBuilder out, long value) {
        String name = nameOf(value);
        if (name != null) {
            out.append(name);
        } else {
            hex(out, value);
            out.append(" /* ").append(rest).append(" */");
        }
    }

    /** The name of a single value, or null. */
    @Nullable
    String nameOf(long value) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == (int) value) {
                return names[i];
            }
        }
        return null;
    }

    /** Flags with bars between; unknown bits as one number; 0 as "0" unless it has a name. */
    void flags(StringBuilder out, long value) {
        flags(out, value, "");
    }

    /** As above; {@code before} is what stands in front of the first flag if there is one. */
    void flags(StringBuilder out, long value, String before) {
        long left = value;
        String separator = before;
        if (value == 0) {
            String zero = before.isEmpty() ? nameOf(0) : "";
            out.append(zero == null ? "0" : zero);
            return;
        }
        for (int i = 0; i < values.length; i++) {
            long flag = values[i] & 0xffff_ffffL;
            if (flag != 0 && (left & flag) == flag) {
                out.append(separator).append(names[i]);
                separator = "|";
                left &= ~flag;
            }
        }
        if (left != 0) {
            out.append(separator);
            hex(out, left);
            if (left == value) {
                out.append(" /* ").append(rest).append(" */");
            }
        }
    }

    static void hex(StringBuilder out, long value) {
        if (value == 0) {
            out.append('0');
        } else {
            out.append("0x").append(Long.toHexString(value));
        }
    }
}
