// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.asm;

/** A position in the code of one {@link Assembler}; bound at most once. */
public final class Label {

    private int position = -1;

    boolean isBound() {
        return position >= 0;
    }

    void bind(int at) {
        if (position >= 0) {
            throw new IllegalStateException("label is bound twice");
        }
        position = at;
    }

    /** Returns the offset from the start of the code, in bytes. */
    public int position() {
        if (position < 0) {
            throw new IllegalStateException("label is not bound");
        }
        return position;
    }
}
