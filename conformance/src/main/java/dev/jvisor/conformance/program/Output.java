// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.program;

/**
 * Memory that a step may have changed and that is compared after it.
 *
 * @param length in bytes, a multiple of 8
 */
public record Output(long address, int length, Format format) {

    /** Nothing to compare. */
    public static final Output NONE = new Output(0, 0, Format.BYTES);

    public Output {
        if ((length & 7) != 0) {
            throw new IllegalArgumentException("length=" + length);
        }
    }
}
