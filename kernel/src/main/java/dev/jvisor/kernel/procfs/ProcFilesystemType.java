// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemType;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** procfs, for mount(2). */
public final class ProcFilesystemType implements FilesystemType {

    private final Kernel kernel;
    private final MachineInfo machine;
    private final Sysctls sysctls;
    private volatile NetTexts netTexts = NetTexts.HEADERS;

    /** Makes the type for a kernel on this machine. */
    public ProcFilesystemType(Kernel kernel) {
        this(kernel, MachineInfo.ofHost());
    }

    public ProcFilesystemType(Kernel kernel, MachineInfo machine) {
        this.kernel = kernel;
        this.machine = machine;
        this.sysctls = new Sysctls(kernel);
    }

    /** What is known about the machine. */
    public MachineInfo machine() {
        return machine;
    }

    /** The values below {@code /proc/sys}. */
    public Sysctls sysctls() {
        return sysctls;
    }

    NetTexts netTexts() {
        return netTexts;
    }

    /** Sets who writes {@code /proc/net}. */
    public void setNetTexts(NetTexts texts) {
        netTexts = texts;
    }

    @Override
    public String name() {
        return "proc";
    }

    @Override
    public boolean allowsUserNamespaces() {
        return true;
    }

    @Override
    public UserNamespace ruler(CallContext context) {
        PidNamespace pids = context instanceof Task task ? task.pids() : kernel.tasks();
        return pids.owner();
    }

    @Override
    public boolean needsVisibleOne() {
        return true;
    }

    /** Options are hidepid, gid and subset (Linux: proc_fs_parameters). */
    @Override
    public Filesystem mount(CallContext context, String source, int flags, String data)
            throws ErrnoException {
        PidNamespace pids = context instanceof Task task ? task.pids() : kernel.tasks();
        return new ProcFilesystem(
                kernel, this, pids, ProcOptions.parse(context, data, ProcOptions.NONE));
    }

    /** Makes an instance without a caller, for the sandbox's set-up. */
    public ProcFilesystem mount(String data) throws ErrnoException {
        ProcOptions options = ProcOptions.parse(null, data, ProcOptions.NONE);
        return new ProcFilesystem(kernel, this, kernel.tasks(), options);
    }

    /** The process whose directory an inode is, or null (pidfd_send_signal(2) takes both). */
    public static @Nullable Pid processOf(Inode inode) {
        return inode instanceof ProcessDirectory directory && !directory.isThread()
                ? directory.pid()
                : null;
    }
}
