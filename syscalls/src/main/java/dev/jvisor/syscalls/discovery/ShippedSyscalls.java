// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.dispatch.SyscallTable;

/**
 * The calls we ship. {@link GenerateTable} replaces the body of {@link #fill} in the class file by
 * one call for each handler class, so that a start neither scans nor generates; what stands here is
 * what runs where the build did not do that (an IDE): it does the same work at start.
 */
final class ShippedSyscalls {

    static final String PACKAGE = "dev.jvisor.syscalls.handlers";

    private ShippedSyscalls() {}

    static void fill(SyscallTable table) {
        RuntimeBinder.bindShipped(table);
    }
}
