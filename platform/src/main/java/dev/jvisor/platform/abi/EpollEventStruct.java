// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/** Offsets in {@code struct epoll_event} (linux/eventpoll.h): packed on x86-64. */
public final class EpollEventStruct {

    private EpollEventStruct() {}

    public static final int SIZE = 12;

    public static final int EVENTS = 0;
    public static final int DATA = 4;
}
