// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Sched;

/**
 * What a task sees as the root of control groups (Linux: {@code struct cgroup_namespace}). There is
 * but one control group, the root, so all of them show the same.
 */
final class CgroupNamespace extends Namespace {

    private final UserNamespace owner;

    CgroupNamespace(UserNamespace owner) {
        this.owner = owner;
    }

    private CgroupNamespace() {
        super(INITIAL_CGROUP);
        owner = UserNamespace.INITIAL;
    }

    static CgroupNamespace initial() {
        return new CgroupNamespace();
    }

    @Override
    public UserNamespace owner() {
        return owner;
    }

    @Override
    public String kind() {
        return "cgroup";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWCGROUP;
    }
}
