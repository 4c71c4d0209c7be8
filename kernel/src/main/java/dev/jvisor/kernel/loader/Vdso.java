// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.ErrnoException;

/** The vDSO image and its data page. Skeleton. */
public final class Vdso {

    /** Maps both into a new program's memory; returns the image's address (AT_SYSINFO_EHDR). */
    public long mapInto(MemoryManager memory) throws ErrnoException {
        throw new UnsupportedOperationException();
    }
}
