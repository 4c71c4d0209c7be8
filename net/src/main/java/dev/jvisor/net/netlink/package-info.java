// SPDX-License-Identifier: Apache-2.0
/** netlink(7), rtnetlink(7), sock_diag(7). */
@NullMarked
package dev.jvisor.net.netlink;

import org.jspecify.annotations.NullMarked;
