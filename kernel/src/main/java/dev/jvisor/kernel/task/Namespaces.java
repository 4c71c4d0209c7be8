// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Sched.CLONE_NEWCGROUP;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWIPC;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWNET;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWNS;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWPID;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWTIME;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWUTS;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.UtsNamespace;
import dev.jvisor.kernel.ipc.IpcNamespace;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * The namespaces that a task works in (Linux: {@code struct nsproxy}), apart from those that are
 * elsewhere: its user namespace is in its credentials, that of its mounts in its {@code FsContext},
 * and that of its own number is its {@link Pid}'s. Immutable.
 *
 * @param pidsForChildren the PID namespace of its children
 * @param net null for the initial one, which is made when first needed
 */
public record Namespaces(
        UtsNamespace uts,
        IpcNamespace ipc,
        PidNamespace pidsForChildren,
        @Nullable NetNamespace net,
        Namespace cgroup) {

    /** Every {@code CLONE_NEW*} bit except that of user namespaces. */
    public static final long ALL = CLONE_NEWNS
            | CLONE_NEWCGROUP
            | CLONE_NEWUTS
            | CLONE_NEWIPC
            | CLONE_NEWPID
            | CLONE_NEWNET
            | CLONE_NEWTIME;

    /** Those of them that we have. */
    public static final long SERVED = ALL & ~CLONE_NEWTIME;

    /** Makes those that a kernel starts with. */
    public static Namespaces initial(String nodeName, IpcNamespace ipc) {
        return new Namespaces(
                new UtsNamespace(nodeName),
                ipc,
                new PidNamespace(),
                null,
                CgroupNamespace.initial());
    }

    /**
     * Makes new ones in place of some (Linux: {@code create_new_namespaces}). The mounts are the
     * caller's work.
     *
     * @param flags {@code CLONE_NEW*}
     * @param owner user namespace of the new ones
     * @param task who works in these
     */
    Namespaces create(long flags, UserNamespace owner, Task task) throws ErrnoException {
        if ((flags & ALL) == 0) {
            return this;
        }
        boolean newPids = (flags & CLONE_NEWPID) != 0;
        return new Namespaces(
                (flags & CLONE_NEWUTS) != 0 ? uts.copy(owner) : uts,
                (flags & CLONE_NEWIPC) != 0 ? ipc.fresh(owner) : ipc,
                newPids ? PidNamespace.create(task.pids(), owner) : pidsForChildren,
                (flags & CLONE_NEWNET) != 0 ? task.net().another(owner) : net,
                (flags & CLONE_NEWCGROUP) != 0 ? new CgroupNamespace(owner) : cgroup);
    }

    /** A task uses them. */
    void hold() {
        ipc.hold();
    }

    /** A task uses them no more. */
    void letGo() {
        ipc.letGo();
    }

    Namespaces withUts(UtsNamespace other) {
        return new Namespaces(other, ipc, pidsForChildren, net, cgroup);
    }

    Namespaces withIpc(IpcNamespace other) {
        return new Namespaces(uts, other, pidsForChildren, net, cgroup);
    }

    Namespaces withPidsForChildren(PidNamespace other) {
        return new Namespaces(uts, ipc, other, net, cgroup);
    }

    Namespaces withNet(NetNamespace other) {
        return new Namespaces(uts, ipc, pidsForChildren, other, cgroup);
    }

    Namespaces withCgroup(Namespace other) {
        return new Namespaces(uts, ipc, pidsForChildren, net, other);
    }
}
