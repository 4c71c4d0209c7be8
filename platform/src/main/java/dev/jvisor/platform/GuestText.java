// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

/** A guest's program text, for a platform that rewrites call sites in it. */
public interface GuestText {

    /** Reads guest memory; returns the bytes read until the first that is not there. */
    int read(long address, byte[] destination, int length);

    /**
     * Writes guest memory although it is read-only: pages that others share become this memory's
     * own. The guest sees it when this returns.
     *
     * @return bytes written until the first that cannot be
     */
    int write(long address, byte[] source, int length);
}
