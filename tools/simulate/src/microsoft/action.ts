/** Every action of Microsoft's that changes something (contract 4.2). */
export type Action = 'ChangePlan' | 'ChangeQuantity' | 'Renew' | 'Suspend' | 'Reinstate' | 'Unsubscribe';
