// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.platform.abi.ErrnoException;

/** Where the loader reads a program from. */
interface FileReader {

    /**
     * Reads at an offset.
     *
     * @return bytes read; fewer than {@code length} only at the end of the file
     */
    int read(long offset, byte[] destination, int index, int length) throws ErrnoException;
}
