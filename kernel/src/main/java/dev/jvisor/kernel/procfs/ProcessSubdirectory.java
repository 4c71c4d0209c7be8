// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsDirectory;

/** A directory below {@code /proc/PID}: it belongs to the process, and ends with it. */
abstract class ProcessSubdirectory extends KernfsDirectory {

    /** Position of the first entry behind "." and "..". */
    static final int FIRST_POSITION = 2;

    final ProcessDirectory process;
    private final ProcessEntry entry;

    ProcessSubdirectory(ProcessDirectory process, ProcessEntry entry) {
        super(process.procfs(), process.numberOf(entry.index(), 0), entry.mode(), process.number());
        this.process = process;
        this.entry = entry;
    }

    /** Inode number of one of the entries, counted from 0. */
    final long numberOf(int index) {
        return process.numberOf(entry.index(), index + 1);
    }

    @Override
    protected Owner owner() {
        return process;
    }

    @Override
    public boolean revalidates() {
        return true;
    }
}
