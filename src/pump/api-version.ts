/**
 * Which kit a pump from outside the tree is written for. It changes when a pump that was right for the last one may be wrong
 * with the next: a member or a function is gone or means something else, or a sink owes more than it did. What is only added
 * changes nothing. A pump says the number itself, and another is refused at start (docs/plugins.md).
 */
export const apiVersion = 1;
