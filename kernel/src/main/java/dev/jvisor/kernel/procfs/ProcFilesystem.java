// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;

/** A mounted procfs. */
public final class ProcFilesystem extends KernfsFilesystem {

    private static final int BLOCK_BYTES = 1024;

    private final Kernel kernel;
    private final ProcFilesystemType kind;
    private final PidNamespace pids;
    private final ProcRoot root;
    private volatile ProcOptions options;

    ProcFilesystem(Kernel kernel, ProcFilesystemType kind, PidNamespace pids, ProcOptions options) {
        super(MountFlags.PROC_SUPER_MAGIC, BLOCK_BYTES, kernel.clocks().realtimeNanos());
        this.kernel = kernel;
        this.kind = kind;
        this.options = options;
        this.pids = pids;
        this.root = new ProcRoot(this);
    }

    Kernel kernel() {
        return kernel;
    }

    /** What it was mounted with. */
    ProcOptions mountOptions() {
        return options;
    }

    /** The PID namespace whose numbers it shows: that of who mounted it. */
    PidNamespace pids() {
        return pids;
    }

    MachineInfo machine() {
        return kind.machine();
    }

    Sysctls sysctls() {
        return kind.sysctls();
    }

    NetTexts netTexts() {
        return kind.netTexts();
    }

    @Override
    protected boolean hasNegativeEntries() {
        return false;
    }

    @Override
    public String type() {
        return "proc";
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public String options() {
        return options.render();
    }

    @Override
    public void remount(CallContext context, int flags, String data) throws ErrnoException {
        options = ProcOptions.parse(context, data, options);
    }
}
